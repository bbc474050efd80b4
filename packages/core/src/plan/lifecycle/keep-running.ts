import type { Unit } from "../lifecycle-types.ts";
import { gateWords, unmetNeeds } from "./gates.ts";
import { replacedWords, roll } from "./rollout.ts";
import { retire } from "./stop-unit.ts";
import { findUnit, idOf, putUnit, type Draft, type ResourceRecord } from "./system.ts";
import { become, isLive, isWanted, newUnit, replicasOf, specOf, targetOf } from "./unit.ts";

/** Brings a resource that is to run towards its target: units that lack, units too many, units that may start. */
export function keepRunning(draft: Draft, name: string): void {
  const at = (): ResourceRecord | undefined => draft.resources.get(name);
  const record = at();
  if (!record) return;
  if (record.rollout === "none") replace(draft, record);
  else roll(draft, name);
  forEachUnit(at(), (unit, now) => dropSurplus(draft, now, unit));
  forEachUnit(at(), (unit, now) => wantAgain(draft, now, unit));
  forEachUnit(at(), (unit, now) => startWaiting(draft, now, unit));
}

function forEachUnit(record: ResourceRecord | undefined, act: (unit: Unit, record: ResourceRecord) => void): void {
  for (const unit of record?.units ?? []) if (record) act(unit, record);
}

/** Other generations go first; the target's units wait for that. */
function replace(draft: Draft, record: ResourceRecord): void {
  const target = targetOf(record);
  for (const unit of record.units)
    if (unit.generation !== target.generation)
      retire(draft, record, unit, "replaced", replacedWords(target.generation));
  for (let replica = 0; replica < replicasOf(target); replica++) {
    const id = { resource: target.resource, replica, generation: target.generation };
    if (!findUnit(draft.resources.get(target.resource), id)) putUnit(draft, newUnit(id, draft.at));
  }
}

function dropSurplus(draft: Draft, record: ResourceRecord, unit: Unit): void {
  const target = targetOf(record);
  if (unit.generation === target.generation && unit.replica >= replicasOf(target))
    retire(draft, record, unit, "surplus", "scaled down");
}

/** What stops but is wanted after all starts again when it has ended. */
function wantAgain(draft: Draft, record: ResourceRecord, unit: Unit): void {
  const { stopReason } = unit;
  if (stopReason === null || stopReason === "restart" || stopReason === "unhealthy") return;
  if (isWanted(draft, record, unit))
    putUnit(draft, { ...unit, stopReason: "restart", detail: `${unit.detail}, then wanted again` });
}

function startWaiting(draft: Draft, record: ResourceRecord, unit: Unit): void {
  if (unit.state !== "Waiting" || unit.retryAt !== null || !isWanted(draft, record, unit)) return;
  const others = record.units.find((each) => each.generation !== unit.generation && isLive(each));
  if (record.rollout === "none" && others)
    return wait(draft, unit, [], `waiting for generation ${others.generation} to stop`);
  const unmet = unmetNeeds(draft.resources, specOf(record, unit));
  if (unmet.length > 0)
    return wait(
      draft,
      unit,
      unmet.map((need) => need.resource),
      gateWords(unmet),
    );
  spawn(draft, record, unit);
}

function wait(draft: Draft, unit: Unit, waitingFor: readonly string[], detail: string): void {
  if (unit.detail === detail && unit.waitingFor.join(" ") === waitingFor.join(" ")) return;
  putUnit(draft, { ...unit, waitingFor, detail });
}

function spawn(draft: Draft, record: ResourceRecord, unit: Unit): void {
  const onTrial = record.rollout === "going" && unit.generation === record.spec.generation;
  const { readyWithinMs } = record.spec;
  if (onTrial && unit.readyBy === null)
    draft.actions.push({ type: "set-timer", timer: "ready", delayMs: readyWithinMs, ...idOf(unit) });
  const readyBy = onTrial ? (unit.readyBy ?? draft.at + readyWithinMs) : null;
  const restarts = unit.restarts + (unit.crashes > 0 ? 1 : 0);
  putUnit(draft, become(unit, "Starting", draft.at, { waitingFor: [], detail: "", restarts, readyBy }));
  draft.actions.push({ type: "spawn", ...idOf(unit) });
}
