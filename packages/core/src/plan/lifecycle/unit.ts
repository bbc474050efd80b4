import type { DesiredUnitSpec, State, Unit, UnitId } from "../lifecycle-types.ts";
import { idOf, type Draft, type ResourceRecord } from "./system.ts";

/** A unit nothing has happened to yet. */
export function newUnit(id: UnitId, at: number): Unit {
  return {
    ...idOf(id),
    state: "Waiting",
    health: "Unknown",
    since: at,
    startedAt: null,
    readyAt: null,
    crashes: 0,
    restarts: 0,
    exit: null,
    waitingFor: [],
    detail: "",
    stopReason: null,
    retryAt: null,
    readyBy: null,
  };
}

/** The same unit in another state; `since` moves with the state. */
export function become(unit: Unit, state: State, at: number, rest: Partial<Unit> = {}): Unit {
  return { ...unit, state, since: unit.state === state ? unit.since : at, stopReason: null, ...rest };
}

/** A process of it may exist. */
export function isLive(unit: Unit): boolean {
  return unit.state === "Starting" || unit.state === "Running" || unit.state === "Stopping";
}

/** It ended and nothing is going to start it. */
export function isEnded(unit: Unit): boolean {
  return unit.state === "Exited" || unit.state === "Completed" || unit.state === "Failed";
}

/** Jobs, schedules and commands run to an end; everything else is meant to stay up. */
export function runsToEnd({ kind }: DesiredUnitSpec): boolean {
  return kind === "job" || kind === "schedule" || kind === "command";
}

/** The generation that units are to be of: the newest, or after a failed rollout the one that was kept. */
export function targetOf({ spec, kept, rollout }: ResourceRecord): DesiredUnitSpec {
  return rollout === "failed" && kept !== null ? kept : spec;
}

/** The policies a unit lives under: its own generation's where they are still known. */
export function specOf({ spec, kept, older }: ResourceRecord, { generation }: UnitId): DesiredUnitSpec {
  if (generation === spec.generation) return spec;
  if (generation === kept?.generation) return kept;
  return older.find((each) => each.generation === generation) ?? spec;
}

/** How many units a spec asks for; what runs elsewhere has none. */
export function replicasOf({ kind, replicas }: DesiredUnitSpec): number {
  return kind === "external" ? 0 : replicas;
}

/** Whether a unit that ended is to be started again, as far as people and rollouts are concerned. */
export function isWanted(draft: Draft, record: ResourceRecord, unit: Unit): boolean {
  if (draft.mode !== "up" || record.wanted !== "run") return false;
  const target = targetOf(record);
  if (unit.generation === target.generation) return unit.replica < replicasOf(target);
  const { kept, rollout } = record;
  if (rollout !== "going" || kept === null || unit.generation !== kept.generation) return false;
  return unit.stopReason !== "replaced" && unit.replica < replicasOf(kept);
}
