import { stopUnit } from "./stop-unit.ts";
import { needNames, type Draft, type ResourceRecord } from "./system.ts";
import { isLive } from "./unit.ts";

/** Why a unit is stopped by `down`. */
export const downWords = "the stack goes down";

/** Whether something that leaves too still runs and needs this. What stays does not hold back what is removed. */
export function isBlocked(draft: Draft, record: ResourceRecord): boolean {
  return blockers(draft, record).length > 0;
}

function blockers(draft: Draft, record: ResourceRecord): string[] {
  return [...(draft.dependants.get(record.spec.resource) ?? [])].filter((name) => {
    const dependant = draft.resources.get(name);
    if (!dependant || name === record.spec.resource) return false;
    return leaves(draft, dependant) && dependant.units.some(isLive);
  });
}

/**
 * Needs have no circle within one plan, but two generations may make one between two events: what leaves would then hold
 * itself back for ever. True if so; what is held back by its own circle alone is stopped together.
 */
export function breakStandstill(draft: Draft, pending: Set<string>): boolean {
  if (!mayStandStill(draft)) return false;
  const live = [...draft.resources.values()].filter((each) => leaves(draft, each) && each.units.some(isLive));
  if (live.some(({ units }) => units.some((unit) => unit.state === "Stopping"))) return false;
  const [reason, words] = draft.mode === "up" ? removed : asked;
  const held = live.filter((record) => isHeldByItself(draft, record));
  for (const record of held) {
    for (const unit of record.units) if (isLive(unit)) stopUnit(draft, record, unit, reason, words);
    pending.add(record.spec.resource);
  }
  return held.length > 0;
}

/** Whether everything that holds a resource back is something it needs itself. */
function isHeldByItself(draft: Draft, record: ResourceRecord): boolean {
  const reached = new Set(needNames(record));
  for (const name of reached) for (const need of needNames(draft.resources.get(name))) reached.add(need);
  return blockers(draft, record).every((name) => reached.has(name));
}

const removed = ["removed", "removed from the stack"] as const;
const asked = ["asked", downWords] as const;

function leaves(draft: Draft, record: ResourceRecord): boolean {
  return draft.mode !== "up" || record.wanted === "remove";
}

/** Only where something leaves; looking at all resources after every event of a healthy stack would be waste. */
function mayStandStill(draft: Draft): boolean {
  if (draft.mode !== "up") return draft.mode === "down";
  for (const name of draft.touched) if (draft.resources.get(name)?.wanted === "remove") return true;
  return false;
}
