import type { Unit } from "../lifecycle-types.ts";
import { keepRunning } from "./keep-running.ts";
import { breakStandstill, downWords, isBlocked } from "./leave-order.ts";
import { clearDeadline, retire, stopUnit } from "./stop-unit.ts";
import { dropRecord, idOf, needNames, putUnit, type Draft, type ResourceRecord } from "./system.ts";
import { become, isEnded, isLive, targetOf } from "./unit.ts";

/**
 * Looks at every resource an event touched, and at the neighbours of what changes, until nothing changes any more. What
 * happens follows from what is wanted and what is there, not from the event that led here.
 */
export function settle(draft: Draft): void {
  const pending = new Set<string>();
  for (const name of draft.touched) addWithNeighbours(draft, name, draft.resources.get(name), pending);
  do {
    // A set visits what is added, or added again, while it is walked.
    for (const name of pending) {
      pending.delete(name);
      const before = draft.resources.get(name);
      if (before) settleResource(draft, before);
      if (before !== draft.resources.get(name)) addWithNeighbours(draft, name, before, pending);
    }
  } while (breakStandstill(draft, pending));
}

function addWithNeighbours(draft: Draft, name: string, record: ResourceRecord | undefined, pending: Set<string>): void {
  pending.add(name);
  for (const dependant of draft.dependants.get(name) ?? []) pending.add(dependant);
  for (const need of needNames(record)) pending.add(need);
}

function settleResource(draft: Draft, record: ResourceRecord): void {
  if (draft.mode !== "up") return takeDown(draft, record);
  if (record.wanted === "stop") return halt(draft, record);
  if (record.wanted === "remove") return remove(draft, record);
  return keepRunning(draft, record.spec.resource);
}

/** Stopped by hand: at once, whoever needs it. */
function halt(draft: Draft, record: ResourceRecord): void {
  const target = targetOf(record);
  for (const unit of record.units) {
    if (unit.generation !== target.generation) retire(draft, record, unit, "replaced", "stopped by hand");
    else if (isLive(unit)) stopUnit(draft, record, unit, "asked", "stopped by hand");
    else if (!isEnded(unit)) rest(draft, unit, "stopped by hand");
  }
}

/** Out of the stack: what is removed too and needs it goes first. */
function remove(draft: Draft, record: ResourceRecord): void {
  const blocked = isBlocked(draft, record);
  for (const unit of record.units)
    if (!isLive(unit) || !blocked) retire(draft, record, unit, "removed", "removed from the stack");
  const left = draft.resources.get(record.spec.resource);
  if (left?.units.length === 0) dropRecord(draft, left);
}

/** The whole stack ends: what needs it goes first. */
function takeDown(draft: Draft, record: ResourceRecord): void {
  const blocked = isBlocked(draft, record);
  for (const unit of record.units) {
    if (isLive(unit)) {
      if (!blocked && unit.stopReason !== "asked") stopUnit(draft, record, unit, "asked", downWords);
    } else if (!isEnded(unit)) rest(draft, unit, downWords);
  }
}

/** What was going to be started is not. */
function rest(draft: Draft, unit: Unit, detail: string): void {
  if (unit.retryAt !== null) draft.actions.push({ type: "clear-timer", timer: "backoff", ...idOf(unit) });
  clearDeadline(draft, unit);
  putUnit(draft, become(unit, "Exited", draft.at, { detail, retryAt: null, readyBy: null, waitingFor: [] }));
}
