import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Control } from "./controls.ts";

/** Name of a run's cgroup folder: readable, and unique by the hash of the marker. */
export function cgroupName(marker: string): string {
  return `${cgroupNamePrefix(marker)}-${createHash("sha256").update(marker).digest("hex").slice(0, 12)}`;
}

/** What the names for all markers with this beginning begin with. */
function cgroupNamePrefix(markerPrefix: string): string {
  return `caisson-${markerPrefix.replaceAll(/[^A-Za-z0-9.-]/g, "_").slice(0, 120)}`;
}

/** Writes a limit into a cgroup folder. Throws what the kernel says. */
export function writeControl(folder: string, control: Control): void {
  for (const { file, value, optional } of control.writes) {
    try {
      writeFileSync(join(folder, file), value, { flag: "r+" });
    } catch (error) {
      if (!optional) throw error;
    }
  }
}

/** Moves processes into the group; those that ended meanwhile are passed over. */
export function moveInto(folder: string, pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      writeFileSync(join(folder, "cgroup.procs"), String(pid), { flag: "r+" });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** Processes in the group; none when it is gone. */
export function readMembers(folder: string): number[] {
  return readIfThere(join(folder, "cgroup.procs")).split("\n").filter(Boolean).map(Number);
}

/** Times the kernel killed a process of the group for its memory; undefined when the group is gone. */
export function readOomKills(folder: string): number | undefined {
  // "oom_kill 2" is a line of either version's file
  const text = readIfThere(join(folder, "memory.events")) || readIfThere(join(folder, "memory.oom_control"));
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Removes the group; waits up to 2 s for its last processes to be reaped. False when it is still in use. */
export async function removeGroup(folder: string): Promise<boolean> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    if (tryRemove(folder)) return true;
    await delay(50);
  }
  return false;
}

/** Removes the group if no process is in it. */
export function tryRemove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
  }
}

/** Groups of ours directly below a folder, for markers with this beginning. */
export function listGroups(parent: string, markerPrefix: string): string[] {
  try {
    const names = readdirSync(parent).filter((name) => name.startsWith(cgroupNamePrefix(markerPrefix)));
    return names.map((name) => join(parent, name));
  } catch {
    return []; // not there, or not ours to read: then none of it is ours
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENODEV") return ""; // removed, now or while it was read
    throw error;
  }
}
