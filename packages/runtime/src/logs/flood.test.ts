import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { spawnRun } from "../supervisor/spawn.ts";
import { startScratch, until } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import { watchExit } from "../supervisor/watch-exit.ts";
import { openLogFile } from "./log-file.ts";
import type { LogFile } from "./log-file.ts";
import { readLines } from "./read-lines.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(async () => {
  expect(await scratch.end()).toEqual([]);
});

test("a flood of 100 MB/s with a slow reader: bounded memory and disk, the program never waits", async () => {
  const quotaBytes = 10_000_000;
  const spec = scratch.spec([
    process.execPath,
    join(import.meta.dirname, "fixtures", "flood.ts"),
    "100",
    "3",
    join(scratch.folder, "report"),
  ]);
  const log = openLogFile(spec.logFile, { quotaBytes });
  const stop = new AbortController();
  const before = process.memoryUsage().rss;
  let [largest, heaviest, gaps] = [0, 0, 0];
  const sample = setInterval(() => {
    const sizes = [spec.logFile, `${spec.logFile}.1`].map(
      (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0,
    );
    largest = Math.max(largest, sizes[0] ?? 0);
    heaviest = Math.max(heaviest, process.memoryUsage().rss);
  }, 20);
  const reading = (async () => {
    for await (const entry of readLines(log, { from: 0, signal: stop.signal })) {
      if (entry.kind === "gap") gaps += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  expect(await watchExit(await spawnRun(spec))).toMatchObject({ code: 0 });
  await until("the log to be within its quota", () => statSync(spec.logFile).size < quotaBytes);
  stop.abort();
  await reading;
  clearInterval(sample);
  log.close();
  const report = JSON.parse(readFileSync(join(scratch.folder, "report"), "utf8")) as Record<string, number>; // the fixture's
  // a slow disk takes less; what the reader took, at 1 ms a line of 1 KB, is a small part of it all the same
  expect(report["megabytes"]).toBeGreaterThan(3 * 10);
  expect(gaps).toBeGreaterThan(0);
  // it was rotated while it was written; how often depends on how late a busy machine looks
  expect(largest).toBeLessThan(1e6 * (report["megabytes"] ?? 0));
  expect(statSync(`${spec.logFile}.1`).size).toBeLessThanOrEqual(4.2 * quotaBytes);
  expect(heaviest - before).toBeLessThan(100 << 20);
});

const mounts = canMount();
test.skipIf(!mounts)(
  "the disk is full (skipped where a tmpfs cannot be mounted): told once, nothing throws, writes go on after",
  async () => {
    await onSmallDisk("256k", async (disk) => {
      const path = join(disk, "log");
      const problems: string[] = [];
      using log = closing(
        openLogFile(path, { quotaBytes: 64 << 10, tickMs: 5, onProblem: (sentence) => problems.push(sentence) }),
      );
      writeFileSync(join(disk, "ballast"), Buffer.alloc(150 << 10));
      // no room for a copy of it
      writeFileSync(path, "x".repeat(99).concat("\n").repeat(900), { flag: "a" });
      await until("the problem to be told", () => problems.length > 0);
      expect(problems[0]).toMatch(/ENOSPC/);
      await until("the attempt to be cleaned up", () => !readdirSync(disk).includes("log.1.new"));
      expect(statSync(path).size).toBe(90_000);
      const end = log.end();
      rmSync(join(disk, "ballast"));
      await until("the rotation to work again", () => statSync(path).size === 0);
      expect(statSync(`${path}.1`).size).toBe(90_000);
      writeFileSync(path, "after\n", { flag: "a" });
      const entry = await readLines(log, { from: end }).next();
      expect(entry).toMatchObject({ value: { kind: "line", text: "after", position: end } });
      expect(problems).toHaveLength(1);
    });
  },
);

test.skipIf(!mounts)("the disk stays full: the quota still holds, at the cost of the oldest lines", async () => {
  await onSmallDisk("256k", async (disk) => {
    const path = join(disk, "log");
    using log = closing(openLogFile(path, { quotaBytes: 64 << 10, tickMs: 5 }));
    writeFileSync(join(disk, "ballast"), Buffer.alloc(100 << 10));
    writeFileSync(path, "x".repeat(99).concat("\n").repeat(1400), { flag: "a" });
    await until("the log to be emptied", () => statSync(path).size === 0);
    expect(log.end()).toBe(140_000);
    writeFileSync(path, "after\n", { flag: "a" });
    const entries = await Array.fromAsync(readLines(log, { from: 0, to: log.end() }));
    expect(entries).toMatchObject([
      { kind: "gap", bytes: 140_000 },
      { kind: "line", text: "after" },
    ]);
  });
});

test.skipIf(!mounts)("the exit status of a program finds room on a disk that is full by then", async () => {
  await onSmallDisk("64k", async (disk) => {
    const spec = scratch.spec(["sh", "-c", "cat /dev/zero; exit 6"], {
      runDir: join(disk, "run"),
      logFile: join(disk, "log"),
    });
    expect(await watchExit(await spawnRun(spec))).toMatchObject({ code: 6, lost: false });
    expect(() => writeFileSync(join(disk, "more"), "x".repeat(8192))).toThrow(/ENOSPC/);
  });
});

function closing(log: LogFile): LogFile & Disposable {
  return { ...log, [Symbol.dispose]: () => log.close() };
}

async function onSmallDisk(size: string, action: (disk: string) => Promise<void>): Promise<void> {
  const disk = join(scratch.folder, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "caisson-test", disk]);
  try {
    await action(disk);
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
}

function canMount(): boolean {
  if (process.getuid?.() !== 0 || process.platform !== "linux") return false;
  const disk = mkdtempSync(join(tmpdir(), "caisson-test-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "caisson-test", disk], { stdio: "ignore" });
    execFileSync("umount", [disk]);
    return true;
  } catch {
    return false; // no privilege for it, as in most containers
  } finally {
    rmSync(disk, { recursive: true });
  }
}
