import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { findByMarker } from "../adopt.ts";
import { hasProc, listProcesses } from "../proc.ts";

/** A look at what this process holds, to compare with later. */
export interface LeakCheck {
  /**
   * Sentences about what is left: processes with our marker, zombies of this process, more open descriptors than at the
   * start. Empty when clean. Waits up to `patienceMs` (default 20,000) for what is just going away.
   */
  findLeaks(patienceMs?: number): Promise<readonly string[]>;
}

/** Begins a leak check for runs whose marker starts with `markerPrefix`. For tests; sees less on hosts without /proc. */
export function startLeakCheck(markerPrefix: string): LeakCheck {
  const before = countDescriptors();
  const look = (): string[] => [
    ...findByMarker(markerPrefix).map(
      (info) => `process ${info.pid} (${info.command}) still runs, marked ${info.marker}`,
    ),
    ...zombies().map((info) => `process ${info.pid} (${info.command}) is a zombie of ours`),
    ...(countDescriptors() > before ? [`${countDescriptors()} descriptors are open, ${before} were at the start`] : []),
  ];
  return {
    findLeaks: async (patienceMs = 20_000) => {
      const start = performance.now();
      for (;;) {
        const leaks = look();
        if (leaks.length === 0 || performance.now() - start > patienceMs) return leaks;
        await delay(25);
      }
    },
  };
}

function zombies(): { pid: number; command: string }[] {
  return listProcesses().filter((info) => info.state === "Z" && info.parent === process.pid);
}

function countDescriptors(): number {
  if (!hasProc()) return 0;
  return readdirSync("/proc/self/fd").filter((descriptor) => !isEventQueue(descriptor)).length;
}

/** The one inotify queue of the event loop opens with the first watch and stays: no leak. */
function isEventQueue(descriptor: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`) === "anon_inode:inotify";
  } catch {
    return true; // the descriptor of the listing itself, closed by now
  }
}
