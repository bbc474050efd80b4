import { readFileSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { runFiles } from "./run.ts";

/** How a run ended. */
export interface RunExit {
  /** Exit status; null when a signal ended the program, or nobody knows. */
  readonly code: number | null;
  /** The signal that ended it. A shell reports signals as status 128 + n, so a program that exits with 143 reads as SIGTERM. */
  readonly signal: NodeJS.Signals | null;
  /** True when the memory limit ended it. */
  readonly oom: boolean;
  /** True when the run is over but its status was never written: the shim itself was killed, or the host went down. */
  readonly lost: boolean;
  /** When it ended, milliseconds since the epoch; for a lost run, when that was noticed. */
  readonly at: number;
}

/** The exit status the shim wrote; undefined while there is none. */
export function readExitFile(runDir: string): RunExit | undefined {
  const path = join(runDir, runFiles.exit);
  const text = readIfThere(path);
  // "exit 0\n" over a line of blanks; anything else is not written yet
  const match = text === undefined ? null : /^exit (\d+)\n/.exec(text);
  if (match === null) return undefined;
  const status = Number(match[1]);
  const signal = signalOfStatus(status);
  return { code: signal === null ? status : null, signal, oom: false, lost: false, at: statSync(path).mtimeMs };
}

/** The line of `/proc/<pid>/stat` (or the bare pid) that the program's shell wrote of itself before it became the program. */
export function readChildLine(runDir: string): string | undefined {
  const text = readIfThere(join(runDir, runFiles.child));
  return text === undefined ? undefined : /^(\d.*)\n/.exec(text)?.[1];
}

function signalOfStatus(status: number): NodeJS.Signals | null {
  if (status <= 128) return null;
  const found = Object.entries(constants.signals).find(([, number]) => number === status - 128);
  return found === undefined ? null : (found[0] as NodeJS.Signals); // the keys of os.constants.signals are signal names
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
