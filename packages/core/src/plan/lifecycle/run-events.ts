import type { LifecycleEvent, Unit, UnitId } from "../lifecycle-types.ts";
import { unitEnded } from "./ended.ts";
import { failRollout } from "./rollout.ts";
import { killAfterGrace, stopLateComer, stopUnit } from "./stop-unit.ts";
import { findUnit, idOf, putUnit, type Draft, type ResourceRecord } from "./system.ts";
import { become, runsToEnd, specOf } from "./unit.ts";
import { exitWords, spanWords } from "./words.ts";

/** Events of one run. */
export type RunEvent = Extract<LifecycleEvent, UnitId>;

/** A service without a probe shows for this long that it stays up, before an older generation gives way to it. */
const unprobedTrialMs = 1000;

/** Timers may fire this much early. */
const slackMs = 1;

/** Applies an event of a run to its unit. A unit that is not known, or a state in which it means nothing: dropped. */
export function runEvent(draft: Draft, event: RunEvent): void {
  const record = draft.resources.get(event.resource);
  const unit = findUnit(record, event);
  if (!record || !unit) return;
  switch (event.type) {
    case "spawned":
      return spawned(draft, record, unit, draft.at, unit.state === "Starting");
    case "adopted":
      return spawned(draft, record, unit, event.startedAt, unit.state === "Starting" || mayBeTaken(unit));
    case "spawn-failed":
      if (unit.state !== "Starting" && unit.state !== "Stopping") return;
      return unitEnded(draft, record, unit, { exit: null, words: `could not start: ${event.reason}` });
    case "exited":
      if (unit.state !== "Starting" && unit.state !== "Running" && unit.state !== "Stopping") return;
      return unitEnded(draft, record, unit, { exit: event.exit, words: exitWords(event.exit) });
    case "probe":
      return probed(draft, record, unit, event);
    case "timer":
      return timers[event.timer](draft, record, unit);
  }
}

/** Takes a unit as running from `startedAt` on. */
export function nowRuns(draft: Draft, record: ResourceRecord, unit: Unit, startedAt: number): void {
  const spec = specOf(record, unit);
  const onTrial = unit.readyBy !== null;
  const ready = !spec.probed && !runsToEnd(spec) && !onTrial;
  const trialMs = Math.min(unprobedTrialMs, spec.readyWithinMs);
  if (spec.probed) draft.actions.push({ type: "watch", ...idOf(unit) });
  if (!spec.probed && onTrial)
    draft.actions.push({ type: "set-timer", timer: "ready", delayMs: trialMs, ...idOf(unit) });
  if (!runsToEnd(spec)) {
    const delayMs = Math.max(0, startedAt + spec.restart.resetAfterMs - draft.at);
    draft.actions.push({ type: "set-timer", timer: "stable", delayMs, ...idOf(unit) });
  }
  putUnit(
    draft,
    become(unit, "Running", draft.at, {
      since: startedAt,
      startedAt,
      waitingFor: [],
      detail: "",
      retryAt: null,
      readyBy: onTrial && !spec.probed ? draft.at + trialMs : unit.readyBy,
      ...(ready && { health: "Ready", readyAt: draft.at }),
    }),
  );
}

function mayBeTaken(unit: Unit): boolean {
  return unit.state === "Waiting" || unit.state === "CrashLoop";
}

function spawned(draft: Draft, record: ResourceRecord, unit: Unit, startedAt: number, expected: boolean): void {
  if (unit.state === "Stopping" && unit.startedAt === null) {
    putUnit(draft, { ...unit, startedAt });
    return stopLateComer(draft, record, unit);
  }
  if (!expected) return;
  if (unit.retryAt !== null) draft.actions.push({ type: "clear-timer", timer: "backoff", ...idOf(unit) });
  nowRuns(draft, record, unit, startedAt);
}

function probed(
  draft: Draft,
  record: ResourceRecord,
  unit: Unit,
  { probe, ok, detail }: Extract<RunEvent, { type: "probe" }>,
): void {
  if (unit.state !== "Running") return;
  const spec = specOf(record, unit);
  const served = unit.readyAt !== null;
  if (probe === "ready") {
    if (ok) return becomeReady(draft, unit);
    const health = served ? "Unhealthy" : "Unknown";
    return putUnit(draft, { ...unit, health, detail: `not ready: ${detail}` });
  }
  if (ok || !served) return;
  if (runsToEnd(spec) || spec.restart.policy === "no")
    return putUnit(draft, { ...unit, health: "Unhealthy", detail: `unhealthy: ${detail}` });
  stopUnit(draft, record, unit, "unhealthy", `unhealthy: ${detail}`);
}

function becomeReady(draft: Draft, unit: Unit): void {
  if (unit.readyBy !== null) draft.actions.push({ type: "clear-timer", timer: "ready", ...idOf(unit) });
  putUnit(draft, { ...unit, health: "Ready", readyAt: unit.readyAt ?? draft.at, readyBy: null, detail: "" });
}

const timers: Record<
  Extract<RunEvent, { type: "timer" }>["timer"],
  (draft: Draft, record: ResourceRecord, unit: Unit) => void
> = {
  backoff(draft, _record, unit) {
    if (unit.retryAt === null || !isDue(draft, unit, "backoff", unit.retryAt)) return;
    putUnit(draft, become(unit, "Waiting", draft.at, { retryAt: null, detail: "" }));
  },
  stable(draft, record, unit) {
    if (unit.state !== "Running" || unit.startedAt === null) return;
    if (isDue(draft, unit, "stable", unit.startedAt + specOf(record, unit).restart.resetAfterMs))
      putUnit(draft, { ...unit, crashes: 0 });
  },
  grace(draft, record, unit) {
    if (unit.state === "Stopping" && isDue(draft, unit, "grace", unit.since + specOf(record, unit).stop.graceMs))
      killAfterGrace(draft, record, unit);
  },
  ready(draft, record, unit) {
    if (unit.readyBy === null || !isDue(draft, unit, "ready", unit.readyBy)) return;
    if (unit.state === "Running" && !specOf(record, unit).probed) return becomeReady(draft, unit);
    const last = unit.detail === "" ? "" : `; ${unit.detail}`;
    failRollout(draft, unit.resource, `not ready within ${spanWords(record.spec.readyWithinMs)}${last}`);
  },
};

/** A timer of an earlier run may still be under way when the next sets its own; one that comes early is set anew. */
function isDue(draft: Draft, unit: Unit, timer: "backoff" | "stable" | "grace" | "ready", due: number): boolean {
  if (draft.at >= due - slackMs) return true;
  draft.actions.push({ type: "set-timer", timer, delayMs: due - draft.at, ...idOf(unit) });
  return false;
}
