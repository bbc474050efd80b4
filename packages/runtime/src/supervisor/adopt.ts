import { readChildLine, readExitFile } from "./exit-file.ts";
import type { RunExit } from "./exit-file.ts";
import { findChild, findShim } from "./ownership.ts";
import { isAlive, listProcesses, parseStat, readEnvironment, readProcess } from "./proc.ts";
import type { StartTime } from "./proc.ts";
import { markerVariable } from "./run.ts";
import type { Run } from "./run.ts";

/**
 * What became of a stored run.
 * - `alive`: it is ours and runs; `shim` false: its shim was killed, so its exit status will not be known.
 * - `exited`: it ended and left its status.
 * - `lost`: it is over and left no status.
 * - `foreign`: as `lost`, and another process has its id now; that one is never touched.
 */
export type RunStatus =
  | { readonly state: "alive"; readonly shim: boolean }
  | { readonly state: "exited"; readonly exit: RunExit }
  | { readonly state: "lost" }
  | { readonly state: "foreign"; readonly pid: number; readonly command: string };

/** A process that bears a marker of ours. */
export interface MarkedProcess {
  readonly pid: number;
  readonly startTime: StartTime;
  readonly parent: number;
  readonly command: string;
  readonly marker: string;
}

/** Says what became of a stored run by process id, start time and marker; signals nothing. Throws on EMFILE: not known now. */
export function inspectRun(run: Run): RunStatus {
  // processes before the file: the shim writes the status first and ends then
  const shim = findShim(run);
  const child = findChild(run);
  const exit = readExitFile(run.runDir);
  if (exit !== undefined) return { state: "exited", exit };
  if (shim !== undefined) return { state: "alive", shim: true };
  if (child !== undefined) return { state: "alive", shim: false };
  const holder = readProcess(run.pid);
  if (holder === undefined || !isAlive(holder)) return { state: "lost" };
  return { state: "foreign", pid: holder.pid, command: holder.command };
}

/**
 * The record of a run from its folder, for a run whose start was not recorded in time; `inspectRun` judges it as any other.
 * Undefined when its program was never started.
 */
export function recoverRun(known: Pick<Run, "marker" | "runDir" | "logFile">): Run | undefined {
  const line = readChildLine(known.runDir);
  const child = line === undefined ? undefined : parseStat(line);
  if (child === undefined) return undefined;
  const shim = readProcess(child.parent);
  return {
    ...known,
    pid: child.parent,
    startTime: shim?.startTime ?? "",
    childPid: child.pid,
    childStartTime: child.startTime,
  };
}

/**
 * Processes whose marker starts with `prefix`: those of runs that no record knows. Costs a look at every process; finds
 * nothing where the host has no /proc.
 */
export function findByMarker(prefix: string): MarkedProcess[] {
  return listProcesses().flatMap((info) => {
    if (!isAlive(info)) return [];
    const marker = readEnvironment(info.pid, markerVariable);
    if (marker === undefined || !marker.startsWith(prefix)) return [];
    return [{ pid: info.pid, startTime: info.startTime, parent: info.parent, command: info.command, marker }];
  });
}
