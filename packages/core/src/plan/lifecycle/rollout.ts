import type { Unit } from "../lifecycle-types.ts";
import { retire } from "./stop-unit.ts";
import { findUnit, putRecord, putUnit, type Draft } from "./system.ts";
import { isEnded, isLive, newUnit, replicasOf, targetOf } from "./unit.ts";

/** The newest generation did not get there: `kept` is what is wanted again. */
export function failRollout(draft: Draft, name: string, reason: string): void {
  const record = draft.resources.get(name);
  if (!record?.kept || record.rollout !== "going") return;
  const { spec, kept } = record;
  putRecord(draft, { ...record, rollout: "failed", failure: reason });
  const detail = rolloutWords(spec.generation, reason, kept.generation);
  for (const unit of record.units) if (unit.generation === kept.generation) putUnit(draft, { ...unit, detail });
}

/** `generation 4 did not start (exit code 1): generation 3 is kept`. */
export function rolloutWords(failed: number, reason: string, kept: number): string {
  return `generation ${failed} did not start (${reason}): generation ${kept} is kept`;
}

/** Whether what serves now is worth keeping until its successor is ready: it runs and was ready in this run. */
export function hasServed(units: readonly Unit[], generation: number): boolean {
  return units.some((unit) => unit.generation === generation && unit.state === "Running" && unit.readyAt !== null);
}

/**
 * Brings the units there are towards the target, one replica at a time: the unit of the target first; when it is ready,
 * the others of that replica go; when those are gone, the next. The same walk leads forward (`going`) and back again
 * (`failed`), where units of the failed generation go at once unless they serve.
 */
export function roll(draft: Draft, name: string): void {
  retireUseless(draft, name);
  const record = draft.resources.get(name);
  if (!record) return;
  const target = targetOf(record);
  for (let replica = 0; replica < replicasOf(target); replica++) {
    const now = draft.resources.get(name) ?? record;
    const unit = findUnit(now, { resource: name, replica, generation: target.generation });
    if (!unit) putUnit(draft, newUnit({ resource: name, replica, generation: target.generation }, draft.at));
    if (!unit || !hasArrived(unit)) return;
    const others = now.units.filter((each) => each.generation !== target.generation && each.replica === replica);
    for (const other of others) retire(draft, now, other, "replaced", replacedWords(target.generation));
    if (others.some(isLive)) return;
  }
  finish(draft, name);
}

/** `replaced by generation 4`. */
export function replacedWords(generation: number): string {
  return `replaced by generation ${generation}`;
}

function retireUseless(draft: Draft, name: string): void {
  const record = draft.resources.get(name);
  if (!record) return;
  const target = targetOf(record);
  const spared = record.rollout === "going" ? record.kept?.generation : undefined;
  for (const unit of record.units) {
    if (unit.generation === target.generation || unit.generation === spared) continue;
    const serves = unit.state === "Running" && unit.readyAt !== null;
    if (!serves) retire(draft, record, unit, "replaced", replacedWords(target.generation));
  }
}

/** A unit that ended by itself counts too: nothing more is to come of it. */
function hasArrived(unit: Unit): boolean {
  return (unit.state === "Running" && unit.health === "Ready") || isEnded(unit);
}

function finish(draft: Draft, name: string): void {
  const record = draft.resources.get(name);
  if (!record) return;
  const target = targetOf(record);
  const others = record.units.filter((unit) => unit.generation !== target.generation);
  for (const unit of others) retire(draft, record, unit, "replaced", replacedWords(target.generation));
  const now = draft.resources.get(name);
  if (now?.rollout === "going" && now.units.every((unit) => unit.generation === target.generation))
    putRecord(draft, { ...now, kept: null, rollout: "none" });
}
