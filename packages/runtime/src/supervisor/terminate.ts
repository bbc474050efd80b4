import { setTimeout as delay } from "node:timers/promises";
import type { RunExit } from "./exit-file.ts";
import { findFamily, signalProcess, stillAlive } from "./family.ts";
import type { SignalResult } from "./family.ts";
import { killRuns } from "./kill-runs.ts";
import type { KillResult, Victim } from "./kill-runs.ts";
import { findChild, findShim } from "./ownership.ts";
import type { ProcessInfo } from "./proc.ts";
import type { Run } from "./run.ts";
import { watchExit } from "./watch-exit.ts";

/** How to end a run. */
export interface TerminateOptions extends Pick<Victim, "alsoPids"> {
  /** The program's declared stop signal. */
  readonly signal: NodeJS.Signals;
  /** Time for the program, and for what it leaves behind, to end by themselves; then everything is killed. */
  readonly graceMs: number;
  /** Aborting it ends the grace at once. */
  readonly hurry?: AbortSignal;
}

/** What it took: `killed` is empty when all ended by themselves. */
export interface Termination extends KillResult {
  /** Undefined when the program would not die. */
  readonly exit: RunExit | undefined;
}

/**
 * Ends a run: declared signal to the program, SIGTERM to what outlives it, and at the end of the grace SIGKILL to every
 * process of the run. A run that is over already is only cleaned of what it left. Processes that merely have the ids of
 * the record are never signalled.
 */
export async function terminate(run: Run, options: TerminateOptions): Promise<Termination> {
  const giveUp = new AbortController();
  const deadline = setTimeout(() => giveUp.abort(), options.graceMs);
  const hurry = (): void => giveUp.abort();
  options.hurry?.addEventListener("abort", hurry);
  if (options.hurry?.aborted === true) hurry();
  try {
    // the walk comes before the signal: orphans of a dead parent can no longer be walked to
    const family = findFamily(run, options.alsoPids?.());
    signalRun(run, options.signal);
    const ended = await untilExit(run, giveUp.signal);
    if (ended) await endLeftovers(run, family, options, giveUp.signal);
    const result = await killRuns([{ ...options, run, known: family }]);
    // one look: the shim has written the status, or is gone itself
    return { ...result, exit: result.survivors.length === 0 ? await watchExit(run, { pollMs: 50 }) : undefined };
  } finally {
    clearTimeout(deadline);
    options.hurry?.removeEventListener("abort", hurry);
  }
}

/** Sends a signal to the program of a run, and wakes it when it was stopped. `gone`: it is over, or the ids are another's. */
export function signalRun(run: Run, signal: NodeJS.Signals): SignalResult {
  const child = findChild(run);
  if (child === undefined) return "gone";
  const result = signalProcess(child, signal);
  if (result === "sent" && signal !== "SIGSTOP") signalProcess(child, "SIGCONT");
  return result;
}

async function untilExit(run: Run, giveUp: AbortSignal): Promise<boolean> {
  try {
    await watchExit(run, { signal: giveUp });
    return true;
  } catch (error) {
    if (giveUp.aborted) return false;
    throw error;
  }
}

/** The program is gone: what it left gets SIGTERM and the rest of the grace. */
async function endLeftovers(
  run: Run,
  known: readonly ProcessInfo[],
  options: TerminateOptions,
  giveUp: AbortSignal,
): Promise<void> {
  const shim = findShim(run);
  const left = merge(stillAlive(known), findFamily(run, options.alsoPids?.())).filter((info) => info.pid !== shim?.pid);
  for (const info of left) {
    signalProcess(info, "SIGTERM");
    signalProcess(info, "SIGCONT");
  }
  for (let waiting = left; waiting.length > 0 && !giveUp.aborted; waiting = stillAlive(waiting)) {
    await delay(20, undefined, { signal: giveUp }).catch(() => undefined); // aborted: the loop sees it
  }
}

function merge(some: readonly ProcessInfo[], others: readonly ProcessInfo[]): ProcessInfo[] {
  return [...new Map([...some, ...others].map((info) => [info.pid, info])).values()];
}
