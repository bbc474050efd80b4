import type { StopReason, Unit } from "../lifecycle-types.ts";
import { spanWords } from "./words.ts";
import { dropUnit, idOf, putUnit, type Draft, type ResourceRecord } from "./system.ts";
import { become, isLive, specOf } from "./unit.ts";

/** Asks a live unit to stop: its signal now, a kill when its grace is over. One that stops already is not asked twice. */
export function stopUnit(draft: Draft, record: ResourceRecord, unit: Unit, reason: StopReason, detail: string): void {
  if (unit.state === "Stopping") {
    // Crashing is forgiven by whoever stops it for good: only what is wanted again counts as a crash.
    if (unit.stopReason !== reason) putUnit(draft, { ...unit, stopReason: reason, detail });
    return;
  }
  const { signal, graceMs } = specOf(record, unit).stop;
  enterStopping(draft, unit, reason, detail);
  draft.actions.push(
    { type: "signal", signal, ...idOf(unit) },
    { type: "set-timer", timer: "grace", delayMs: graceMs, ...idOf(unit) },
  );
}

/** Ends a live unit without asking. */
export function killUnit(draft: Draft, unit: Unit, reason: StopReason, detail: string): void {
  if (unit.state === "Stopping") {
    putUnit(draft, { ...unit, stopReason: reason, detail });
    draft.actions.push({ type: "clear-timer", timer: "grace", ...idOf(unit) });
  } else enterStopping(draft, unit, reason, detail);
  draft.actions.push({ type: "kill", ...idOf(unit) });
}

/** Gets rid of a unit: a live one is stopped first and forgotten when it has ended. */
export function retire(draft: Draft, record: ResourceRecord, unit: Unit, reason: StopReason, detail: string): void {
  if (isLive(unit)) stopUnit(draft, record, unit, reason, detail);
  else dropUnit(draft, unit);
}

/** What a unit that is told to stop and has not answered its spawn yet gets once it runs. */
export function stopLateComer(draft: Draft, record: ResourceRecord, unit: Unit): void {
  const { signal, graceMs } = specOf(record, unit).stop;
  const late = draft.mode === "killing" || draft.at - unit.since >= graceMs;
  draft.actions.push(late ? { type: "kill", ...idOf(unit) } : { type: "signal", signal, ...idOf(unit) });
}

/** The grace is over. */
export function killAfterGrace(draft: Draft, record: ResourceRecord, unit: Unit): void {
  const { graceMs } = specOf(record, unit).stop;
  const cause = unit.detail === "" ? "" : `${unit.detail}; `;
  putUnit(draft, { ...unit, detail: `${cause}did not stop within ${spanWords(graceMs)}: killed` });
  draft.actions.push({ type: "kill", ...idOf(unit) });
}

/** Leaves everything that belongs to running: probes, the timers of a run. */
export function leaveRunning(draft: Draft, unit: Unit): void {
  if (unit.state === "Running") draft.actions.push({ type: "unwatch", ...idOf(unit) });
  if (unit.state === "Running") draft.actions.push({ type: "clear-timer", timer: "stable", ...idOf(unit) });
  if (unit.state === "Stopping") draft.actions.push({ type: "clear-timer", timer: "grace", ...idOf(unit) });
}

/** Leaves the rollout's deadline behind. */
export function clearDeadline(draft: Draft, unit: Unit): void {
  if (unit.readyBy !== null) draft.actions.push({ type: "clear-timer", timer: "ready", ...idOf(unit) });
}

function enterStopping(draft: Draft, unit: Unit, reason: StopReason, detail: string): void {
  leaveRunning(draft, unit);
  clearDeadline(draft, unit);
  const health = reason === "unhealthy" ? "Unhealthy" : "Unknown";
  putUnit(draft, become(unit, "Stopping", draft.at, { health, stopReason: reason, detail, readyBy: null }));
}
