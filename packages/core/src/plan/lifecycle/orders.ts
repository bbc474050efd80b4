import type { DesiredUnitSpec, FoundUnit, LifecycleEvent, Unit } from "../lifecycle-types.ts";
import { again, unitEnded } from "./ended.ts";
import { hasServed } from "./rollout.ts";
import { nowRuns } from "./run-events.ts";
import { killUnit, stopUnit } from "./stop-unit.ts";
import { findUnit, putRecord, putUnit, type Draft, type ResourceRecord } from "./system.ts";
import { isEnded, isLive, isWanted, newUnit, runsToEnd } from "./unit.ts";
import { exitWords } from "./words.ts";

type Desire = Extract<LifecycleEvent, { type: "desire" }>;

/** A resource is to be as `spec` says. The same generation again starts what had ended; an older one is stale. */
export function desire(draft: Draft, { spec, found, stopped }: Desire): void {
  if (draft.mode !== "up") return;
  const record = draft.resources.get(spec.resource);
  const next = record ? nextRecord(record, spec) : { ...fresh, spec };
  if (!next) return;
  putRecord(draft, { ...next, wanted: stopped === true ? "stop" : "run" });
  if (record && spec.generation === record.spec.generation && stopped !== true) revive(draft, spec.resource);
  for (const unit of found ?? []) takeOver(draft, spec.resource, unit);
}

/** Stops a resource and keeps it stopped; what needs it is left alone. */
export function stop(draft: Draft, resource: string): void {
  const record = draft.resources.get(resource);
  if (!record || record.wanted === "remove") return;
  // A rollout in the making ends here: the next start begins with the newest generation.
  const over = { kept: null, older: olderSpecs(record, record.spec), rollout: "none" } as const;
  putRecord(draft, { ...record, ...(record.rollout === "going" && over), wanted: "stop" });
}

/** Starts a resource that was stopped or gave up. A job that completed stays completed. */
export function start(draft: Draft, resource: string): void {
  const record = draft.resources.get(resource);
  if (!record || record.wanted === "remove" || draft.mode !== "up") return;
  putRecord(draft, { ...record, wanted: "run" });
  revive(draft, resource);
}

/** Stops what runs and starts it again, a completed job included; what needs it is not restarted. */
export function restart(draft: Draft, resource: string): void {
  start(draft, resource);
  const record = draft.resources.get(resource);
  if (record?.wanted !== "run" || draft.mode !== "up") return;
  for (const unit of record.units) {
    if (!isWanted(draft, record, unit)) continue;
    if (isLive(unit)) stopUnit(draft, record, unit, "restart", "restarted by hand");
    else if (unit.state === "Completed") again(draft, unit);
  }
}

/** Stops a resource for good; it is forgotten when its last unit has ended. */
export function remove(draft: Draft, resource: string): void {
  const record = draft.resources.get(resource);
  if (record) putRecord(draft, { ...record, wanted: "remove" });
}

/** Ends the stack: in order, or (`force`, also as a second thought) everything now. Nothing starts after it. */
export function down(draft: Draft, force: boolean): void {
  if (draft.mode !== "killing") draft.mode = force ? "killing" : "down";
  for (const [name, record] of draft.resources.entries()) {
    draft.touched.add(name);
    if (!force) continue;
    for (const unit of record.units)
      if (isLive(unit)) killUnit(draft, unit, "asked", "killed: the stack goes down now");
  }
}

const fresh: Omit<ResourceRecord, "spec"> = {
  kept: null,
  older: [],
  rollout: "none",
  failure: "",
  wanted: "run",
  units: [],
};

function nextRecord(record: ResourceRecord, spec: DesiredUnitSpec): ResourceRecord | undefined {
  const { rollout, kept, units } = record;
  const older = olderSpecs(record, spec);
  const settled = { ...record, spec, older, kept: null, rollout: "none", failure: "" } as const;
  if (rollout === "failed" && spec.generation === (kept ?? record.spec).generation) return settled;
  if (spec.generation < record.spec.generation) return undefined;
  if (spec.generation === record.spec.generation && rollout !== "failed") return { ...record, spec };
  const beside = spec.replace === "start-first" && !runsToEnd(spec) && spec.replicas > 0;
  // In the middle of a rollout any may be what serves: the one that was kept may have lost its last replica already.
  const serving = [kept, record.spec, ...older.toReversed()].find(
    (each) => each !== null && hasServed(units, each.generation),
  );
  return beside && serving ? { ...settled, kept: serving, rollout: "going" } : settled;
}

function olderSpecs({ spec, kept, older, units }: ResourceRecord, next: DesiredUnitSpec): DesiredUnitSpec[] {
  const known = new Map([...older, ...(kept ? [kept] : []), spec].map((each) => [each.generation, each]));
  known.delete(next.generation);
  return [...known.values()].filter((each) => units.some(({ generation }) => generation === each.generation));
}

function revive(draft: Draft, resource: string): void {
  const record = draft.resources.get(resource);
  for (const unit of record?.units ?? []) {
    if (!record || !isWanted(draft, record, unit) || unit.state === "Completed") continue;
    if (isEnded(unit) || unit.retryAt !== null) again(draft, unit);
  }
}

/** What an earlier agent left: a live run goes on, one that ended meanwhile is judged as if it ended now. */
function takeOver(draft: Draft, resource: string, found: FoundUnit): void {
  const record = draft.resources.get(resource);
  const { replica, generation, state, startedAt, readyAt, exit, crashes, restarts, detail } = found;
  const id = { resource, replica, generation };
  if (!record || findUnit(record, id)) return;
  const unit: Unit = { ...newUnit(id, draft.at), startedAt, readyAt, exit, crashes, restarts, detail };
  putUnit(draft, unit);
  if (state === "Running") return nowRuns(draft, record, unit, startedAt ?? draft.at);
  if (state !== "Exited") return putUnit(draft, { ...unit, state });
  const words = exit === null ? "ended while nobody watched" : exitWords(exit);
  unitEnded(draft, record, unit, { exit, words });
}
