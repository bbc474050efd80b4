import { setTimeout as delay } from "node:timers/promises";
import { findFamily, signalProcess, stillAlive } from "./family.ts";
import { listProcesses } from "./proc.ts";
import type { ProcessInfo, StartTime } from "./proc.ts";
import type { Run } from "./run.ts";

/** A run to kill. */
export interface Victim {
  readonly run: Run;
  /** Members found earlier, that can perhaps no longer be walked to. */
  readonly known?: readonly ProcessInfo[];
  /** Process ids that the run's cgroup names, of its limit handle. */
  readonly alsoPids?: () => readonly number[];
}

/** A process that was killed, or that would not die. */
export interface KilledProcess {
  readonly pid: number;
  readonly startTime: StartTime;
  readonly command: string;
}

/** What a kill came to. */
export interface KillResult {
  readonly killed: readonly KilledProcess[];
  /** What would not die within 5 s (stuck in the kernel); empty but for a sick host. */
  readonly survivors: readonly KilledProcess[];
}

const patienceMs = 5000;
/** How long a shim may take to write its program's status before it is killed as well. */
const shimMs = 1000;

/**
 * SIGKILL to every process of the given runs, without any grace (a second Ctrl-C), until a look at the whole host finds
 * none: what forks meanwhile is met at the next look. Shims end by themselves, and are killed only when they do not.
 */
export async function killRuns(victims: readonly Victim[]): Promise<KillResult> {
  const killed = new Map<string, KilledProcess>();
  const shims = new Set(victims.map((victim) => victim.run.pid));
  const start = performance.now();
  for (let pauseMs = 2; ; pauseMs = Math.min(50, pauseMs * 2)) {
    const elapsed = performance.now() - start;
    const processes = listProcesses();
    const alive = victims.flatMap((victim) => membersOf(victim, processes));
    if (alive.length === 0 || elapsed > patienceMs)
      return { killed: [...killed.values()], survivors: alive.map(brief) };
    for (const info of alive) {
      const isShim = shims.has(info.pid);
      // a stopped shim could not write the status; to any other this is nothing
      if (isShim && elapsed < shimMs) signalProcess(info, "SIGCONT");
      else if (signalProcess(info, "SIGKILL") === "sent" && !isShim) killed.set(info.pid + info.startTime, brief(info));
    }
    await delay(pauseMs);
  }
}

function membersOf(victim: Victim, processes: readonly ProcessInfo[]): ProcessInfo[] {
  const found = findFamily(victim.run, victim.alsoPids?.(), processes);
  const seen = new Set(found.map((info) => info.pid));
  return [...found, ...stillAlive(victim.known ?? []).filter((info) => !seen.has(info.pid))];
}

function brief(info: ProcessInfo): KilledProcess {
  return { pid: info.pid, startTime: info.startTime, command: info.command };
}
