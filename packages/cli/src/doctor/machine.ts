import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { bytes } from "../render/time.ts";
import { checker, type Check, type DoctorContext } from "./check.ts";

const { pass, warning, fail } = checker("machine");

/** What a stack needs of the host, whichever stack it is. */
export function machineChecks({ cwd, platform }: DoctorContext): readonly Check[] {
  return [
    nodeVersion(platform.node),
    system(platform),
    memory(),
    disk(cwd),
    openFiles(),
    memoryLimits(platform),
  ].filter((check) => check !== undefined);
}

function nodeVersion(version: string): Check {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  if (major >= 24) return pass("node", `Node ${version}`);
  return fail("node", `Node ${version}, expected 24 or newer`, "Run `npm ci`, which brings one, or install Node 24.");
}

function system({ os, arch }: DoctorContext["platform"]): Check {
  if (os === "linux") return pass("system", `${os} ${arch}`);
  if (os === "darwin") return warning("system", "macOS: no limits and no replicas", "Use Linux where they matter.");
  return fail("system", `${os} is not supported`, "Use Linux, macOS, or WSL2 on Windows.");
}

function memory(): Check {
  const available = availableMemory();
  const message = `${bytes(available)} of ${bytes(totalmem())} available`;
  if (available >= 512 * 1024 ** 2) return pass("memory", message);
  return warning("memory", message, "End other programs, or lower the limits of the stack's resources.");
}

/** What programs can still get; free memory leaves out what caches would give back. */
function availableMemory(): number {
  if (!existsSync("/proc/meminfo")) return freemem();
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  return match === null ? freemem() : Number(match[1]) * 1024;
}

function disk(cwd: string): Check {
  const { bavail, bsize } = statfsSync(cwd);
  const free = bavail * bsize;
  const message = `${bytes(free)} free for ${cwd}`;
  if (free < 100 * 1024 ** 2) return fail("disk", message, "Free some space: databases stop when there is none.");
  if (free < 1024 ** 3) return warning("disk", message, "Free some space: databases and logs grow.");
  return pass("disk", message);
}

function openFiles(): Check | undefined {
  if (!existsSync("/proc/self/limits")) return undefined;
  const soft = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  if (soft === undefined) return undefined;
  const message = `at most ${soft} open files a process`;
  if (soft === "unlimited" || Number(soft) >= 1024) return pass("open-files", message);
  return warning("open-files", message, "Raise the limit: ulimit -n 4096");
}

/** Memory limits are a cgroup's where one may be made, else kept by watching. */
function memoryLimits({ os }: DoctorContext["platform"]): Check | undefined {
  if (os !== "linux") return undefined;
  const version2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
  const folder = version2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
  try {
    accessSync(folder, constants.W_OK);
    return pass("memory-limits", `kept by the kernel (cgroup v${version2 ? 2 : 1})`);
  } catch {
    const fix = "Run in a delegated cgroup (systemd-run --user --scope -p Delegate=yes) for limits kept by the kernel.";
    return warning("memory-limits", `${folder} cannot be written: limits are kept by watching, a little late`, fix);
  }
}
