import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { killRuns } from "../supervisor/kill-runs.ts";
import { readProcess } from "../supervisor/proc.ts";
import type { Run } from "../supervisor/run.ts";
import { spawnRun } from "../supervisor/spawn.ts";
import type { RunSpec } from "../supervisor/spawn.ts";
import { startScratch, until } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import { terminate } from "../supervisor/terminate.ts";
import { watchExit } from "../supervisor/watch-exit.ts";
import { applyLimits, nodeHeapOption } from "./apply-limits.ts";
import type { ApplyLimitsOptions } from "./apply-limits.ts";
import { sweepCgroups } from "./cgroups.ts";
import { readHierarchies } from "./hierarchies.ts";
import type { LimitHandle, LimitName, ResourceLimits } from "./limit-handle.ts";
import { memoryOf } from "./memory-watchdog.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(async () => {
  expect(await scratch.end()).toEqual([]);
  expect(sweepCgroups(scratch.prefix)).toEqual([]);
});

/** Starts a run that is limited from its first instruction on. */
async function limited(
  spec: RunSpec,
  limits: ResourceLimits,
  options?: ApplyLimitsOptions,
): Promise<[Run, LimitHandle]> {
  let handle: LimitHandle | undefined;
  const place = (shim: Parameters<typeof applyLimits>[0]): void => {
    handle = applyLimits(shim, limits, options);
  };
  const run = await spawnRun(spec, { place });
  if (handle === undefined) throw new Error("place was not called");
  return [run, handle];
}

/** What this host lets us limit by cgroups; the tests of the others are skipped by name. */
async function probeCgroups(): Promise<readonly LimitName[]> {
  const probing = startScratch();
  const [run, handle] = await limited(probing.spec(["sleep", "1000"]), { memory: 1 << 30, cpus: 1, pids: 100 });
  const enforced = handle.mode === "watchdog" ? [] : handle.enforced;
  await killRuns([{ run }]);
  await handle.release();
  await probing.end();
  return enforced;
}
const can = await probeCgroups();
const eatMemory = [process.execPath, join(import.meta.dirname, "fixtures", "eat-memory.ts")];
const megabytes = 2 ** 20;

describe("by the watchdog", () => {
  test("a program over its memory limit is killed, and the reason is told", async () => {
    const [run, handle] = await limited(
      scratch.spec(eatMemory),
      { memory: 200 * megabytes, cpus: 1 },
      { cgroups: false },
    );
    expect(handle).toMatchObject({ mode: "watchdog", enforced: ["memory"], missing: [{ limit: "cpus" }] });
    expect(await watchExit(run, { oomCount: handle.oomCount })).toMatchObject({
      signal: "SIGKILL",
      oom: true,
      lost: false,
    });
    await handle.release();
    expect(handle.oomCount()).toBe(1);
  });

  test("so is one whose children hold the memory, and a modest one is left alone", async () => {
    const [greedy, first] = await limited(
      scratch.spec(["sh", "-c", '"$@" & wait', "sh", ...eatMemory]),
      { memory: 200 * megabytes },
      { cgroups: false },
    );
    const [modest, second] = await limited(
      scratch.spec(["sleep", "1000"]),
      { memory: 50 * megabytes },
      { cgroups: false },
    );
    expect(await watchExit(greedy, { oomCount: first.oomCount })).toMatchObject({ oom: true });
    expect(await terminate(modest, { signal: "SIGTERM", graceMs: 30_000 })).toMatchObject({
      exit: { signal: "SIGTERM" },
    });
    expect(second.oomCount()).toBe(0);
    await Promise.all([first.release(), second.release()]);
  });

  test("counts memory as its programs hold it", async () => {
    const run = await spawnRun(
      scratch.spec([
        process.execPath,
        "-e",
        "globalThis.kept = Buffer.alloc(100 << 20, 1); setInterval(() => {}, 1000)",
      ]),
    );
    await until("the memory to be taken", () => memoryOf([run.childPid]) > 100 * megabytes);
    expect(memoryOf([run.childPid])).toBeLessThan(250 * megabytes);
    // its resident size, of which what two processes share counts once
    const resident = readProcess(run.childPid)?.rssBytes ?? 0;
    expect(memoryOf([run.childPid]) / resident).toBeGreaterThan(0.9);
    expect(memoryOf([run.childPid]) / resident).toBeLessThan(1.1);
    expect(memoryOf([run.childPid, run.childPid])).toBeLessThan(1.9 * resident);
    expect(memoryOf([1 << 30])).toBe(0);
    await killRuns([{ run }]);
  });
});

describe("by cgroups (skipped where they cannot be written)", () => {
  test.skipIf(!can.includes("memory"))(
    "memory: the kernel kills, the reason is told, the group goes away",
    async () => {
      const [run, handle] = await limited(scratch.spec(eatMemory), { memory: 200 * megabytes });
      expect(handle).toMatchObject({ mode: expect.stringMatching(/cgroup/), enforced: ["memory"], missing: [] });
      expect(await watchExit(run, { oomCount: handle.oomCount })).toMatchObject({ signal: "SIGKILL", oom: true });
      const folders = groupFolders(run);
      await handle.release();
      expect(handle.oomCount()).toBe(1);
      expect(folders.filter(existsSync)).toEqual([]);
    },
  );

  test.skipIf(!can.includes("cpus"))("cpus: a busy loop gets its share and no more", async () => {
    const [run, handle] = await limited(scratch.spec(["sh", "-c", "while :; do :; done"]), { cpus: 0.2 });
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1500)); // the passing of time is what is measured
    const used = readProcess(run.childPid)?.cpuSeconds ?? 0;
    const share = used / ((performance.now() - start) / 1000);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.4);
    await killRuns([{ run }]);
    await handle.release();
  });

  test.skipIf(!can.includes("pids"))("pids: a fork bomb comes to its end, and its exit status is told", async () => {
    const script = "i=0; while [ $i -lt 50 ]; do sleep 1000 & i=$((i+1)); done; wait";
    const [run, handle] = await limited(scratch.spec(["sh", "-c", script]), { pids: 10 });
    expect(await watchExit(run)).toMatchObject({ code: 2, lost: false });
    expect(handle.pids().length).toBeLessThanOrEqual(11);
    expect(readFileSync(run.logFile, "utf8")).toMatch(/fork/i);
    const { killed } = await terminate(run, { signal: "SIGTERM", graceMs: 30_000, alsoPids: handle.pids });
    expect(killed).toEqual([]);
    await handle.release();
  });

  test.skipIf(!can.includes("pids"))("the next agent takes the group over and sets its limits anew", async () => {
    const [run, first] = await limited(scratch.spec(["sh", "-c", "sleep 1000 & wait"]), { pids: 10 });
    const folders = groupFolders(run);
    const second = applyLimits(run, { pids: 20 });
    expect(groupFolders(run)).toEqual(folders);
    expect(readFileSync(join(folders[0] ?? "", "pids.max"), "utf8")).toBe("21\n");
    expect(second.pids()).toContain(run.childPid);
    // a group that is in use is not swept away
    expect(sweepCgroups(scratch.prefix)).toEqual([]);
    expect(folders.every(existsSync)).toBe(true);
    await killRuns([{ run, alsoPids: second.pids }]);
    await until("the group to be empty", () => second.pids().length === 0);
    // an agent that was killed could not release it
    expect(sweepCgroups(scratch.prefix)).toEqual(folders);
    await first.release();
  });

  test.skipIf(!can.includes("pids"))("a run that has long been running is moved with all its processes", async () => {
    const run = await spawnRun(
      scratch.spec(["sh", "-c", "(setsid sleep 1000 &); sleep 1000 & sh -c 'sleep 1000 & wait'"]),
    );
    const handle = await until("its whole family", () => {
      const now = applyLimits(run, { pids: 100 });
      return now.pids().length >= 5 && now;
    });
    expect(handle.pids()).toEqual(expect.arrayContaining([run.pid, run.childPid]));
    await killRuns([{ run, alsoPids: handle.pids }]);
    await handle.release();
  });
});

test("without limits there is nothing to do", async () => {
  const [run, handle] = await limited(scratch.spec(["true"]), {});
  expect(handle).toMatchObject({ mode: "none", enforced: [], missing: [] });
  expect(await watchExit(run, { oomCount: handle.oomCount })).toMatchObject({ code: 0, oom: false });
  await handle.release();
});

test("the heap option leaves room for what is not heap", () => {
  expect([64, 128, 512, 4096].map((size) => nodeHeapOption({ memory: size * megabytes }))).toEqual(
    [16, 64, 384, 3072].map((heap) => `--max-old-space-size=${heap}`),
  );
  expect(nodeHeapOption({ cpus: 1 })).toBeUndefined();
});

function groupFolders(run: Run): string[] {
  const names = readHierarchies(run.pid).map((tree) => tree.folder);
  return names.filter((folder) => folder.includes("/caisson-test-"));
}
