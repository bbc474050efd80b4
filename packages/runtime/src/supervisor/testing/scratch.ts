import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { findByMarker } from "../adopt.ts";
import { signalProcess } from "../family.ts";
import type { RunSpec } from "../spawn.ts";
import { startLeakCheck } from "./leaks.ts";

/** A temporary folder and a marker prefix for one test, with the leak check begun. */
export interface Scratch {
  readonly folder: string;
  readonly prefix: string;
  /** A run spec with fresh marker and run folder; everything can be overridden. */
  spec(argv: readonly string[], overrides?: Partial<RunSpec>): RunSpec;
  /** What has been left behind (empty when clean). Kills and removes it, so that the next test starts clean. */
  end(): Promise<readonly string[]>;
}

/** Path of a program under `supervisor/fixtures`. */
export function fixture(name: string): string {
  return join(import.meta.dirname, "..", "fixtures", name);
}

/** Begins a test with real processes. */
export function startScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), "caisson-test-"));
  const prefix = `test-${randomBytes(6).toString("hex")}/`;
  const leaks = startLeakCheck(prefix);
  let count = 0;
  return {
    folder,
    prefix,
    spec: (argv, overrides = {}) => {
      count += 1;
      return {
        argv,
        env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
        cwd: folder,
        logFile: join(folder, "log"),
        runDir: join(folder, `run-${count}`),
        marker: `${prefix}${count}`,
        ...overrides,
      };
    },
    end: async () => {
      const found = await leaks.findLeaks();
      for (const info of findByMarker(prefix)) signalProcess(info, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      return found;
    },
  };
}

/** Waits for a condition that no event tells of; fails after `patienceMs` (default 60 s) with what it waited for. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patienceMs = 60_000,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() - start > patienceMs) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await delay(10);
  }
}

/** Waits until a file holds a match of `pattern`; resolves with it. */
export function untilFileHas(path: string, pattern: RegExp): Promise<RegExpExecArray> {
  return until(`${path} to have ${pattern}`, async () => {
    const text = await readFile(path, "utf8").catch(() => "");
    return pattern.exec(text) ?? undefined;
  });
}
