import { existsSync, readFileSync } from "node:fs";

/** Constants of the running kernel that the numbers in /proc are counted in. */
export interface KernelUnits {
  readonly hasProc: boolean;
  /** Differs after each boot of the host; empty without /proc. */
  readonly bootId: string;
  readonly pageSize: number;
  readonly ticksPerSecond: number;
}

let known: KernelUnits | undefined;

/** Read once, at first use. */
export function kernelUnits(): KernelUnits {
  known ??= readUnits();
  return known;
}

function readUnits(): KernelUnits {
  if (!existsSync("/proc/self/stat")) return { hasProc: false, bootId: "", pageSize: 4096, ticksPerSecond: 100 };
  const auxiliary = readAuxiliary(readFileSync("/proc/self/auxv"));
  return {
    hasProc: true,
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8),
    pageSize: auxiliary.get(6) ?? 4096, // AT_PAGESZ
    ticksPerSecond: auxiliary.get(17) ?? 100, // AT_CLKTCK
  };
}

/** The vector the kernel hands a program at its start: pairs of 64-bit (type, value). */
function readAuxiliary(bytes: Buffer): Map<number, number> {
  const pairs = new Map<number, number>();
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    pairs.set(Number(bytes.readBigUInt64LE(at)), Number(bytes.readBigUInt64LE(at + 8)));
  }
  return pairs;
}
