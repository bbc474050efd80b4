import { hasProc } from "../supervisor/proc.ts";
import type { RunIdentity } from "../supervisor/run.ts";
import { moveInto, readMembers, readOomKills, removeGroup } from "./cgroup-folder.ts";
import { placeInCgroups } from "./cgroups.ts";
import type { Placement } from "./cgroups.ts";
import { withDescendants } from "./descendants.ts";
import type { LimitHandle, LimitMode, LimitName, ResourceLimits } from "./limit-handle.ts";
import { watchMemory } from "./memory-watchdog.ts";
import type { MemoryWatchdog } from "./memory-watchdog.ts";

/** How to enforce limits. */
export interface ApplyLimitsOptions {
  /** False: do without cgroups even where they can be had. Default true. */
  readonly cgroups?: boolean;
}

/**
 * Puts a run under limits: by cgroups where they can be written, else memory by a watchdog, and says what does not hold.
 * Called from `spawnRun`'s `place` the limits hold from the program's first instruction; called later they hold from then
 * on; called again, by the next agent too, it takes over what is there and sets it anew.
 */
export function applyLimits(run: RunIdentity, limits: ResourceLimits, options: ApplyLimitsOptions = {}): LimitHandle {
  const placement = options.cgroups === false ? unplaced(limits) : placeFamily(run, limits);
  const watched = hasProc() && placement.missing.some(({ limit }) => limit === "memory") && limits.memory !== undefined;
  const watchdog = watched ? watchMemory(run, limits.memory) : undefined;
  return handleOf(placement, watchdog);
}

/**
 * A heap limit for a Node.js program that fits its memory limit: it then collects its garbage in time, and when it cannot
 * it ends with a message instead of being killed. Undefined when nothing limits the memory.
 */
export function nodeHeapOption(limits: ResourceLimits): string | undefined {
  if (limits.memory === undefined) return undefined;
  const mebibytes = limits.memory / 2 ** 20;
  // what is not heap (code, buffers, stacks) takes some 64 MiB, in large programs a quarter
  const heap = Math.max(16, Math.floor(Math.min(mebibytes - 64, mebibytes * 0.75)));
  return `--max-old-space-size=${heap}`;
}

function placeFamily(run: RunIdentity, limits: ResourceLimits): Placement {
  const placement = placeInCgroups(run.marker, run.pid, limits);
  const seen = new Set([run.pid]);
  // until a walk meets nobody new: what a moved process forks is in the group from its start
  for (let fresh = newIn(run.pid, seen); fresh.length > 0; fresh = newIn(run.pid, seen)) {
    for (const { folder } of placement.placed) moveInto(folder, fresh);
  }
  return placement;
}

function newIn(root: number, seen: Set<number>): number[] {
  const fresh = withDescendants(root).filter((pid) => !seen.has(pid));
  for (const pid of fresh) seen.add(pid);
  return fresh;
}

function unplaced(limits: ResourceLimits): Placement {
  const names = Object.keys(limits) as LimitName[]; // the keys of ResourceLimits
  const missing = names.filter((limit) => limits[limit] !== undefined);
  return { placed: [], missing: missing.map((limit) => ({ limit, reason: "cgroups are not asked for" })) };
}

function handleOf({ placed, missing }: Placement, watchdog: MemoryWatchdog | undefined): LimitHandle {
  const folders = [...new Set(placed.map(({ folder }) => folder))];
  const memory = placed.find(({ limit }) => limit === "memory")?.folder;
  let kernelKills = 0;
  const oomCount = (): number => {
    if (memory !== undefined) kernelKills = readOomKills(memory) ?? kernelKills;
    return kernelKills + (watchdog?.oomCount() ?? 0);
  };
  return {
    mode: modeOf(placed, watchdog),
    enforced: [...placed.map(({ limit }) => limit), ...(watchdog === undefined ? [] : (["memory"] as const))],
    missing: missing.filter(({ limit }) => watchdog === undefined || limit !== "memory"),
    oomCount,
    pids: () => [...new Set(folders.flatMap(readMembers))],
    release: async () => {
      oomCount();
      watchdog?.stop();
      await Promise.all(folders.map(removeGroup));
    },
  };
}

function modeOf(placed: Placement["placed"], watchdog: MemoryWatchdog | undefined): LimitMode {
  const [first] = placed;
  if (first !== undefined) return first.version === 2 ? "cgroup2" : "cgroup1";
  return watchdog === undefined ? "none" : "watchdog";
}
