import { join } from "node:path";
import { hasProc, isAlive, readEnvironment, readProcess, readStdinPath } from "./proc.ts";
import type { ProcessInfo } from "./proc.ts";
import { markerVariable, runFiles } from "./run.ts";
import type { Run, RunIdentity } from "./run.ts";

/** The run's shim, when the process with its id is really it (start time and marker match) and lives. */
export function findShim(run: RunIdentity): ProcessInfo | undefined {
  const info = readProcess(run.pid);
  if (info === undefined || info.startTime !== run.startTime || !isAlive(info)) return undefined;
  if (hasProc() && readEnvironment(run.pid, markerVariable) !== run.marker) return undefined;
  return info;
}

/**
 * The run's program, when the process with its id is really it and lives. Start time alone is not enough, the record may
 * be wrong as a whole: its parent must be the verified shim, or the process itself must bear the run's mark.
 */
export function findChild(run: Run): ProcessInfo | undefined {
  const info = readProcess(run.childPid);
  if (info === undefined || info.startTime !== run.childStartTime || !isAlive(info)) return undefined;
  const shim = findShim(run);
  const proven = (shim !== undefined && info.parent === shim.pid) || bearsMark(run, info.pid);
  return proven ? info : undefined;
}

/**
 * True when a process bears the run's mark: the marker in its environment or, for programs that write their title over
 * it (PostgreSQL's backends, nginx), the run's own empty file as standard input, which is inherited like the environment.
 */
export function bearsMark(run: Pick<Run, "marker" | "runDir">, pid: number): boolean {
  const marker = readEnvironment(pid, markerVariable);
  if (marker !== undefined) return marker === run.marker;
  const stdin = readStdinPath(pid);
  const ours = join(run.runDir, runFiles.stdin);
  return stdin === ours || stdin === `${ours} (deleted)`;
}
