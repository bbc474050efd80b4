import { stopUnit } from "./stop-unit.ts";
import type { Draft, ResourceRecord } from "./system.ts";
import { isLive } from "./unit.ts";

/** Why a unit is stopped by `down`. */
export const downWords = "the stack goes down";

/** Whether something that leaves too still runs and needs this. What stays does not hold back what is removed. */
export function isBlocked(draft: Draft, record: ResourceRecord): boolean {
  for (const name of draft.dependants.get(record.spec.resource) ?? []) {
    const dependant = draft.resources.get(name);
    if (name !== record.spec.resource && dependant && leaves(draft, dependant) && dependant.units.some(isLive))
      return true;
  }
  return false;
}

/**
 * Needs have no circle within one plan, but two generations may make one between two events: everything that leaves
 * then holds back everything else. True if so; all of it is stopped at once.
 */
export function breakStandstill(draft: Draft, pending: Set<string>): boolean {
  if (!mayStandStill(draft)) return false;
  const live = [...draft.resources.values()].filter((each) => leaves(draft, each) && each.units.some(isLive));
  if (live.length === 0 || live.some(({ units }) => units.some((unit) => unit.state === "Stopping"))) return false;
  for (const record of live) {
    const [reason, words] = draft.mode === "up" ? removed : asked;
    for (const unit of record.units) if (isLive(unit)) stopUnit(draft, record, unit, reason, words);
    pending.add(record.spec.resource);
  }
  return true;
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
