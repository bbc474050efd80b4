import type { Condition } from "../../model/resource.ts";
import type { Health, ResourceStatus, State, Unit } from "../lifecycle-types.ts";
import { rolloutWords } from "./rollout.ts";
import type { ResourceRecord, System } from "./system.ts";
import { isLive, replicasOf, targetOf } from "./unit.ts";

/** One resource across its units; `undefined` when it is unknown. */
export function statusOf(system: System, name: string): ResourceStatus | undefined {
  const record = system.resources.get(name);
  if (!record) return undefined;
  const { spec, kept, rollout, failure, wanted, units } = record;
  const target = targetOf(record);
  const serving = rollout === "going" && kept ? kept : target;
  const lead = mostConcerning(units);
  const stopped = wanted === "stop";
  const ready = new Set(units.filter(({ health }) => health === "Ready").map(({ replica }) => replica)).size;
  const failed = rollout === "failed" && kept ? rolloutWords(spec.generation, failure, kept.generation) : undefined;
  return {
    name,
    kind: spec.kind,
    state: lead?.state ?? (spec.kind === "external" ? "Running" : "Exited"),
    health: lead?.health ?? "Unknown",
    generation: serving.generation,
    wantedGeneration: spec.generation,
    rollout,
    stopped,
    replicas: { wanted: stopped ? 0 : replicasOf(target), ready },
    since: lead?.since ?? 0,
    startedAt: lead?.startedAt ?? null,
    readyAt: lead?.readyAt ?? null,
    restarts: units.reduce((sum, unit) => sum + unit.restarts, 0),
    exit: lead?.exit ?? null,
    waitingFor: lead?.waitingFor ?? [],
    detail: failed ?? lead?.detail ?? "",
  };
}

/** Whether a resource is as wanted: it is, it may still get there by itself, or it will not (and why). */
export type Verdict =
  | { readonly is: "reached" }
  | { readonly is: "pending" }
  | { readonly is: "failed"; readonly reason: string };

/**
 * Judges the newest generation that was asked for, all of its replicas. `gone`: the resource was removed and has ended.
 * A rollout that fell back to the old generation has failed.
 */
export function conditionOf(system: System, name: string, condition: Condition | "gone"): Verdict {
  const record = system.resources.get(name);
  if (condition === "gone") return record ? { is: "pending" } : { is: "reached" };
  if (!record) return { is: "failed", reason: "it is not running in this stack" };
  if (record.rollout === "failed") return { is: "failed", reason: statusOf(system, name)?.detail ?? record.failure };
  if (record.wanted !== "run" || system.mode !== "up") return { is: "failed", reason: "it was told to stop" };
  const current = record.units.filter(({ generation }) => generation === record.spec.generation);
  const broken = current.find((unit) => hasFailed(unit, condition));
  if (broken) return { is: "failed", reason: broken.detail === "" ? broken.state : broken.detail };
  if (current.length < record.units.length || current.length < replicasOf(record.spec)) return { is: "pending" };
  return current.every((unit) => isThere(unit, condition)) ? { is: "reached" } : { is: "pending" };
}

/** True when no process of the stack is left. */
export function hasEnded(system: System): boolean {
  return [...system.resources.values()].every(({ units }) => !units.some(isLive));
}

function isThere({ state, health }: Unit, condition: Condition): boolean {
  if (state === "Completed") return true;
  if (condition === "completed" || state !== "Running") return false;
  return condition === "started" || health === "Ready";
}

function hasFailed({ state }: Unit, condition: Condition): boolean {
  return state === "Failed" || state === "CrashLoop" || (state === "Exited" && condition !== "started");
}

/** Most in need of a look first. */
const states: readonly State[] = [
  ...(["CrashLoop", "Failed", "Exited", "Stopping"] as const),
  ...(["Waiting", "Starting", "Running", "Completed"] as const),
];
const healths: readonly Health[] = ["Unhealthy", "Unknown", "Ready"];

function mostConcerning(units: ResourceRecord["units"]): Unit | undefined {
  const rank = (unit: Unit): number => states.indexOf(unit.state) * healths.length + healths.indexOf(unit.health);
  let lead: Unit | undefined;
  for (const unit of units) if (!lead || rank(unit) < rank(lead)) lead = unit;
  return lead;
}
