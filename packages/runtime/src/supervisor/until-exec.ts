import { setTimeout as delay } from "node:timers/promises";
import { hasProc, isSameProcess, readArguments } from "./proc.ts";
import type { StartTime } from "./proc.ts";
import { shimName } from "./shim.ts";

const patienceMs = 2000;

/**
 * Waits until the inner shell of a shim has become its program, or is gone: a signal that comes before is the shell's, and
 * bash takes no notice of SIGQUIT. Not to be seen without /proc; there it does not wait.
 */
export async function untilExec(pid: number, startTime: StartTime): Promise<void> {
  if (!hasProc()) return;
  const start = performance.now();
  while (isShell(pid) && isSameProcess(pid, startTime) && performance.now() - start < patienceMs) await delay(1);
}

/** Its arguments are `/bin/sh -c <script> <shim's name> <program> ...`; while they change hands there are none. */
function isShell(pid: number): boolean {
  const argv = readArguments(pid);
  return argv.length === 0 || (argv[1] === "-c" && argv[3] === shimName);
}
