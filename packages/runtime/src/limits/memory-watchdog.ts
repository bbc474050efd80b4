import { readFileSync } from "node:fs";
import { untilBeat } from "../supervisor/beat.ts";
import { kernelUnits } from "../supervisor/kernel-units.ts";
import { isSameProcess } from "../supervisor/proc.ts";
import type { RunIdentity } from "../supervisor/run.ts";
import { withDescendants } from "./descendants.ts";

/** A memory limit that holds by looking and killing. */
export interface MemoryWatchdog {
  /** Times the limit was exceeded and the run killed. */
  oomCount(): number;
  stop(): void;
}

const slowMs = 2000;
const fastMs = 100;
/** Looks at known processes only, between two walks for new ones. */
const looksPerWalk = 5;

/**
 * Kills the processes of a run (all but its shim, which tells the end) when together they hold more than `limitBytes`.
 * Looks every 2 s below a quarter of the limit, every 100 ms above half of it: a program that takes all the rest between two
 * looks gets away with it for so long. Sees what descends from the shim.
 */
export function watchMemory(run: RunIdentity, limitBytes: number): MemoryWatchdog {
  let count = 0;
  let looks = 0;
  let family: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    if (!isSameProcess(run.pid, run.startTime)) return;
    if (looks % looksPerWalk === 0) family = withDescendants(run.pid);
    looks += 1;
    const used = memoryOf(family);
    if (used > limitBytes) {
      count += 1;
      kill(withDescendants(run.pid).filter((pid) => pid !== run.pid));
    }
    schedule(pauseFor(used / limitBytes));
  };
  const schedule = (delayMs: number): void => {
    timer = setTimeout(() => {
      try {
        look();
      } catch {
        schedule(slowMs); // no descriptor left to look with: the next look may have one
      }
    }, untilBeat(delayMs));
    timer.unref();
  };
  schedule(fastMs);
  return { oomCount: () => count, stop: () => clearTimeout(timer) };
}

function pauseFor(share: number): number {
  if (share > 0.5) return fastMs;
  return share > 0.25 ? slowMs / 2 : slowMs;
}

/**
 * Memory that processes hold together, in bytes: what is each one's own, and what they share counted once (PostgreSQL's
 * buffers show up in every backend).
 */
export function memoryOf(pids: readonly number[]): number {
  let own = 0;
  let shared = 0;
  for (const pid of pids) {
    // size resident shared text lib data dirty, in pages
    const [, resident = 0, alsoOthers = 0] = readStatm(pid).split(" ").map(Number);
    own += resident - alsoOthers;
    shared = Math.max(shared, alsoOthers);
  }
  return (own + shared) * kernelUnits().pageSize;
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it ended by itself, or changed its user: then the next look counts it again
    }
  }
}

function readStatm(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/statm`, "latin1");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw error;
  }
}
