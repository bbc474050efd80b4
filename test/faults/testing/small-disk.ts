import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../packages/runtime/src/supervisor/testing/scratch.ts";

/** A file system of its own in a folder. */
export interface SmallDisk extends Disposable {
  /** Waits for whoever still has something open there. */
  remount(options: string): Promise<void>;
}

/** Only root mounts, and not in every container. */
export function canMount(): boolean {
  return process.getuid?.() === 0 && run("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]) === "";
}

/** Mounts one in memory, of `size` (`512k`), over a folder; whatever was in it is hidden until it is disposed. */
export function mountSmall(folder: string, size: string): SmallDisk {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  must("mount", ["-t", "tmpfs", "-o", `size=${size},mode=700`, "tmpfs", folder]);
  return {
    async remount(options) {
      await until(`${folder} to be ${options}`, () => run("mount", ["-o", `remount,${options}`, folder]) === "");
    },
    [Symbol.dispose]: () => must("umount", ["-l", folder]),
  };
}

/** Takes the last byte of a folder's disk. */
export function fill(folder: string): string {
  const file = join(folder, "fill");
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: "a" });
    } catch {
      // No room for so much; perhaps for half of it.
    }
  }
  return file;
}

function must(command: string, argv: readonly string[]): void {
  const problem = run(command, argv);
  if (problem !== "") throw new Error(`${command} ${argv.join(" ")}: ${problem}`);
}

/** What went wrong; empty when nothing did. */
function run(command: string, argv: readonly string[]): string {
  const { error, status, stderr } = spawnSync(command, argv, { encoding: "utf8" });
  return error ? error.message : status === 0 ? "" : stderr || `exit code ${status}`;
}
