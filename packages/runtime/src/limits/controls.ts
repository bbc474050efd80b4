import type { LimitName, ResourceLimits } from "./limit-handle.ts";

/** How one limit is written into a cgroup folder. */
export interface Control {
  readonly limit: LimitName;
  readonly controller: string;
  readonly writes: readonly { readonly file: string; readonly value: string; readonly optional: boolean }[];
}

/** The files and values for the given limits in a cgroup tree of the given version. */
export function controlsFor(version: 1 | 2, limits: ResourceLimits): Control[] {
  const table = version === 1 ? version1 : version2;
  const names: readonly LimitName[] = ["memory", "cpus", "pids"];
  return names.flatMap((name) => {
    const value = limits[name];
    return value === undefined ? [] : [table[name](value)];
  });
}

const periodUs = 100_000;
const quotaUs = (cpus: number): number => Math.max(1000, Math.round(cpus * periodUs)); // the kernel's least is 1 ms
const write = (file: string, value: string | number) => ({ file, value: String(value), optional: false });
/** Swap accounting is not compiled into every kernel. */
const writeIfThere = (file: string, value: string | number) => ({ file, value: String(value), optional: true });

const version1: Readonly<Record<LimitName, (value: number) => Control>> = {
  memory: (bytes) => ({
    limit: "memory",
    controller: "memory",
    // memory with swap must never be below memory alone, also when a limit is raised later
    writes: [
      writeIfThere("memory.memsw.limit_in_bytes", -1),
      write("memory.limit_in_bytes", bytes),
      writeIfThere("memory.memsw.limit_in_bytes", bytes),
    ],
  }),
  cpus: (cpus) => ({
    limit: "cpus",
    controller: "cpu",
    writes: [write("cpu.cfs_period_us", periodUs), write("cpu.cfs_quota_us", quotaUs(cpus))],
  }),
  pids: (count) => ({ limit: "pids", controller: "pids", writes: [write("pids.max", count + 1)] }), // and the shim
};

const version2: Readonly<Record<LimitName, (value: number) => Control>> = {
  memory: (bytes) => ({
    limit: "memory",
    controller: "memory",
    writes: [write("memory.max", bytes), writeIfThere("memory.swap.max", 0)],
  }),
  cpus: (cpus) => ({ limit: "cpus", controller: "cpu", writes: [write("cpu.max", `${quotaUs(cpus)} ${periodUs}`)] }),
  pids: (count) => ({ limit: "pids", controller: "pids", writes: [write("pids.max", count + 1)] }),
};
