import type { DesiredUnitSpec, Exit, State, Unit } from "../lifecycle-types.ts";
import { backoffMs } from "./backoff.ts";
import { failRollout } from "./rollout.ts";
import { clearDeadline, leaveRunning } from "./stop-unit.ts";
import { idOf, putUnit, type Draft, type ResourceRecord } from "./system.ts";
import { become, isWanted, runsToEnd, specOf } from "./unit.ts";
import { spanWords } from "./words.ts";

/** A program that ends with this code will fail the same way next time: it is not started again by itself. */
const permanentFailureCode = 125;

/** How a run came to its end: an exit, or (no exit) a spawn that failed. */
export interface End {
  readonly exit: Exit | null;
  readonly words: string;
}

/** A live unit ended. What becomes of it depends on who wanted that, its kind and its restart policy. */
export function unitEnded(draft: Draft, record: ResourceRecord, unit: Unit, end: End): void {
  leaveRunning(draft, unit);
  const { stopReason } = unit;
  const over = { ...unit, health: "Unknown", waitingFor: [], exit: end.exit } as const;
  if (stopReason === "restart" && isWanted(draft, record, unit)) return again(draft, over);
  if (stopReason === "unhealthy" && isWanted(draft, record, unit))
    return crashed(draft, record, over, { ...end, words: unit.detail });
  if (stopReason !== null) return ended(draft, record, over, "Exited", `stopped (${end.words})`);
  return endedByItself(draft, record, over, end);
}

/** Puts a unit back to where it may be started, by somebody's wish: its crashes and restarts are forgotten. */
export function again(draft: Draft, unit: Unit): void {
  if (unit.retryAt !== null) draft.actions.push({ type: "clear-timer", timer: "backoff", ...idOf(unit) });
  clearDeadline(draft, unit);
  const blank = {
    crashes: 0,
    restarts: 0,
    retryAt: null,
    readyBy: null,
    startedAt: null,
    readyAt: null,
    detail: "",
  } as const;
  putUnit(draft, become(unit, "Waiting", draft.at, blank));
}

function endedByItself(draft: Draft, record: ResourceRecord, unit: Unit, end: End): void {
  const spec = specOf(record, unit);
  const { policy } = spec.restart;
  const ok = end.exit !== null && end.exit.code === 0 && end.exit.signal === null;
  if (ok && runsToEnd(spec)) return ended(draft, record, unit, "Completed", "");
  if (!isWanted(draft, record, unit)) return ended(draft, record, unit, "Exited", end.words);
  if (end.exit?.code === permanentFailureCode)
    return ended(draft, record, unit, "Failed", `${end.words} means a permanent failure: not restarted`);
  if (ok && policy !== "always") return ended(draft, record, unit, "Exited", end.words);
  if (policy === "no") return ended(draft, record, unit, "Failed", `${end.words}; its restart policy is "no"`);
  return crashed(draft, record, unit, end);
}

function crashed(draft: Draft, record: ResourceRecord, unit: Unit, end: End): void {
  const spec = specOf(record, unit);
  const { restart } = spec;
  const forgiven = !runsToEnd(spec) && unit.startedAt !== null && draft.at - unit.startedAt >= restart.resetAfterMs;
  const crashes = (forgiven ? 0 : unit.crashes) + 1;
  const loop = crashes >= restart.crashLoopAfter;
  if (loop && runsToEnd(spec))
    return ended(draft, record, { ...unit, crashes }, "Failed", `failed ${times(crashes)}, last: ${end.words}`);
  const delayMs = backoffMs(restart, crashes, draft.random);
  const words = loop ? `crashed ${times(crashes)} in a row, last: ${end.words}` : end.words;
  draft.actions.push({ type: "set-timer", timer: "backoff", delayMs, ...idOf(unit) });
  // Without a probe the trial of a new generation begins anew with each run.
  if (!spec.probed) clearDeadline(draft, unit);
  putUnit(
    draft,
    become(unit, loop ? "CrashLoop" : "Waiting", draft.at, {
      crashes,
      retryAt: draft.at + delayMs,
      startedAt: null,
      readyAt: null,
      readyBy: spec.probed ? unit.readyBy : null,
      detail: `${words}; tried again in ${spanWords(delayMs)}`,
    }),
  );
  if (loop) newGenerationFailed(draft, record, spec, words);
}

function ended(draft: Draft, record: ResourceRecord, unit: Unit, state: State, detail: string): void {
  clearDeadline(draft, unit);
  putUnit(draft, become(unit, state, draft.at, { detail, readyBy: null, retryAt: null }));
  if (isWanted(draft, record, unit)) newGenerationFailed(draft, record, specOf(record, unit), detail);
}

function newGenerationFailed(draft: Draft, record: ResourceRecord, spec: DesiredUnitSpec, reason: string): void {
  if (record.rollout === "going" && spec.generation === record.spec.generation)
    failRollout(draft, spec.resource, reason);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
