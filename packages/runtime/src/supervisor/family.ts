import { findChild, findShim, bearsMark } from "./ownership.ts";
import { isAlive, isSameProcess, listProcesses, readProcess } from "./proc.ts";
import type { ProcessInfo } from "./proc.ts";
import type { Run } from "./run.ts";

/** What a signal to one verified process came to. */
export type SignalResult = "sent" | "gone" | "refused";

/**
 * Every living process of a run, its shim included: what descends from it, what shares its session, what bears its mark
 * (a double fork with its own session has lost both its parent and its session), and of `alsoPids` (members of its
 * cgroup) those that live. `processes`: a listing to share among several runs.
 */
export function findFamily(
  run: Run,
  alsoPids: readonly number[] = [],
  processes: readonly ProcessInfo[] = listProcesses(),
): ProcessInfo[] {
  const shim = findShim(run);
  const child = findChild(run);
  const members = new Set<number>([...alsoPids, ...(shim ? [shim.pid] : []), ...(child ? [child.pid] : [])]);
  // nothing of the run is older than its shim, which spares a look into most processes of the host
  const oldest = shim?.startTicks ?? child?.startTicks ?? ticksOf(run.startTime);
  for (const info of processes) {
    if (members.has(info.pid) || info.startTicks < oldest) continue;
    // the session counts only while its leader is proven ours: a number may have passed to another process
    if ((shim !== undefined && info.session === shim.pid) || bearsMark(run, info.pid)) members.add(info.pid);
  }
  addDescendants(members, processes);
  members.delete(process.pid);
  return processes.filter((info) => members.has(info.pid) && isAlive(info));
}

/** Sends a signal to a process, if it is still the one that was looked at. */
export function signalProcess(target: Pick<ProcessInfo, "pid" | "startTime">, signal: NodeJS.Signals): SignalResult {
  if (!isSameProcess(target.pid, target.startTime)) return "gone";
  try {
    process.kill(target.pid, signal);
    return "sent";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ESRCH") return "gone";
    if (code === "EPERM") return "refused";
    throw error;
  }
}

/** Those of `members` that still live. */
export function stillAlive(members: readonly ProcessInfo[]): ProcessInfo[] {
  return members.filter((member) => {
    const now = readProcess(member.pid);
    return now !== undefined && now.startTime === member.startTime && isAlive(now);
  });
}

function addDescendants(members: Set<number>, processes: readonly ProcessInfo[]): void {
  const children = Map.groupBy(processes, (info) => info.parent);
  const queue = [...members];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const info of children.get(pid) ?? []) {
      if (members.has(info.pid)) continue;
      members.add(info.pid);
      queue.push(info.pid);
    }
  }
}

function ticksOf(startTime: string): number {
  const ticks = Number(startTime.slice(startTime.lastIndexOf(":") + 1));
  return Number.isFinite(ticks) ? ticks : 0;
}
