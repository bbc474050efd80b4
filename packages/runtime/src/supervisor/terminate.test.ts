import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findByMarker, inspectRun } from "./adopt.ts";
import { findFamily } from "./family.ts";
import { killRuns } from "./kill-runs.ts";
import { isAlive, listProcesses, readEnvironment, readProcess } from "./proc.ts";
import { spawnRun } from "./spawn.ts";
import { findPostgres, preparePostgres } from "./testing/real-postgres.ts";
import { fixture, startScratch, until, untilFileHas } from "./testing/scratch.ts";
import type { Scratch } from "./testing/scratch.ts";
import { signalRun, terminate } from "./terminate.ts";
import { watchExit } from "./watch-exit.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(async () => {
  expect(await scratch.end()).toEqual([]);
});

const commands = (list: readonly { command: string }[]): string[] => list.map((info) => info.command).toSorted();

test("a willing program ends by its signal, and nothing is killed", async () => {
  const run = await spawnRun(scratch.spec(["sleep", "1000"]));
  const result = await terminate(run, { signal: "SIGINT", graceMs: 30_000 });
  expect(result).toMatchObject({ exit: { signal: "SIGINT", lost: false }, killed: [], survivors: [] });
  // again: it is over, and stays as it was
  expect(await terminate(run, { signal: "SIGINT", graceMs: 30_000 })).toEqual(result);
});

test("a program that ignores SIGTERM is killed at the end of the grace, not before", async () => {
  const run = await spawnRun(scratch.spec([fixture("ignore-term.sh")]));
  await untilFileHas(run.logFile, /ready/);
  const start = performance.now();
  const result = await terminate(run, { signal: "SIGTERM", graceMs: 400 });
  expect(performance.now() - start).toBeGreaterThanOrEqual(390);
  expect(result).toMatchObject({ exit: { signal: "SIGKILL", lost: false }, survivors: [] });
  expect(result.killed.map((info) => info.pid)).toContain(run.childPid);
});

test("a second wish ends the grace at once", async () => {
  const run = await spawnRun(scratch.spec([fixture("ignore-term.sh")]));
  await untilFileHas(run.logFile, /ready/);
  const hurry = new AbortController();
  const ending = terminate(run, { signal: "SIGTERM", graceMs: 3_600_000, hurry: hurry.signal });
  hurry.abort();
  expect(await ending).toMatchObject({ exit: { signal: "SIGKILL" } });
});

test("grandchildren and double forks end with the program, in time to end well", async () => {
  const run = await spawnRun(scratch.spec([fixture("family.sh")]));
  const family = await until("the whole family", () => {
    const now = findFamily(run);
    return commands(now).join(" ") === "family.sh sh sh sleep sleep sleep" && now;
  });
  expect(new Set(family.map((info) => info.session)).size).toBe(2);
  const result = await terminate(run, { signal: "SIGTERM", graceMs: 30_000 });
  expect(result).toMatchObject({ exit: { signal: "SIGTERM" }, killed: [], survivors: [] });
  expect(findFamily(run)).toEqual([]);
});

test("what a program leaves behind at its own exit is cleaned away", async () => {
  const run = await spawnRun(scratch.spec([fixture("family.sh"), "leave"]));
  expect(await watchExit(run)).toMatchObject({ code: 0 });
  await until("the orphans to be themselves", () =>
    commands(findFamily(run)).join(" ").endsWith("sh sleep sleep sleep"),
  );
  expect(await terminate(run, { signal: "SIGTERM", graceMs: 30_000 })).toMatchObject({ exit: { code: 0 }, killed: [] });
  expect(findByMarker(run.marker)).toEqual([]);
});

test("stopped processes end too: woken for their signal, or killed", async () => {
  const willing = await spawnRun(scratch.spec(["sleep", "1000"]));
  const stubborn = await spawnRun(scratch.spec([fixture("ignore-term.sh")]));
  await untilFileHas(stubborn.logFile, /ready/);
  for (const pid of [willing.childPid, willing.pid, stubborn.childPid, stubborn.pid]) process.kill(pid, "SIGSTOP");
  await until(
    "all to be stopped",
    () => readProcess(stubborn.pid)?.state === "T" && readProcess(willing.childPid)?.state === "T",
  );
  expect(inspectRun(willing)).toEqual({ state: "alive", shim: true });
  process.kill(willing.pid, "SIGCONT");
  expect(await terminate(willing, { signal: "SIGTERM", graceMs: 30_000 })).toMatchObject({
    exit: { signal: "SIGTERM" },
    killed: [],
  });
  expect(await terminate(stubborn, { signal: "SIGTERM", graceMs: 100 })).toMatchObject({
    exit: { signal: "SIGKILL", lost: false },
  });
});

test("a second Ctrl-C kills many runs at once, each with its status", async () => {
  const runs = await Promise.all(Array.from({ length: 6 }, () => spawnRun(scratch.spec([fixture("ignore-term.sh")]))));
  const result = await killRuns(runs.map((run) => ({ run })));
  expect(result.survivors).toEqual([]);
  for (const run of runs) {
    expect(result.killed.map((info) => info.pid)).toContain(run.childPid);
    expect(inspectRun(run)).toMatchObject({ state: "exited", exit: { signal: "SIGKILL" } });
  }
});

test("members that only the caller knows of, as those of a cgroup, are killed", async () => {
  const run = await spawnRun(scratch.spec(["sleep", "1000"]));
  // marked as another run's, in a session of its own: nothing but the caller's word ties it to this one
  const stray = await spawnRun(scratch.spec(["sleep", "1000"]));
  const result = await terminate(run, { signal: "SIGTERM", graceMs: 30_000, alsoPids: () => [stray.childPid] });
  expect(result.exit).toMatchObject({ signal: "SIGTERM" });
  expect(await watchExit(stray)).toMatchObject({ signal: "SIGTERM" });
});

const native = findPostgres();
test.skipIf(native === undefined)(
  "PostgreSQL (not installed here when skipped): backends with sessions of their own and no environment left",
  async () => {
    if (native === undefined) return;
    const postgres = await preparePostgres(native, scratch.folder, "trust");
    const spec = scratch.spec([], postgres.server);
    const run = await spawnRun(spec);
    await untilFileHas(spec.logFile, /database system is ready to accept connections/);
    await until("backends that cannot be told by session or environment", () => {
      const backends = findFamily(run).filter((info) => info.parent === run.childPid);
      const anonymous = backends.filter(
        (info) => info.session !== run.pid && readEnvironment(info.pid, "CAISSON_RUN") === undefined,
      );
      return anonymous.length > 3 && anonymous.length === backends.length;
    });

    // its declared signal is SIGINT: a fast, clean shutdown
    expect(await terminate(run, { signal: "SIGINT", graceMs: 60_000 })).toMatchObject({
      exit: { code: 0 },
      killed: [],
    });
    expect(readFileSync(spec.logFile, "utf8")).toContain("database system is shut down");

    // the postmaster is killed while its backends are stopped and cannot notice: all are found, although orphans
    const second = await spawnRun({
      ...spec,
      runDir: join(scratch.folder, "second"),
      marker: `${scratch.prefix}second`,
    });
    await until(
      "the second start",
      () => (readFileSync(spec.logFile, "utf8").match(/ready to accept/g)?.length ?? 0) === 2,
    );
    const others = findFamily(second).filter((info) => info.parent === second.childPid);
    for (const info of others) process.kill(info.pid, "SIGSTOP");
    expect(signalRun(second, "SIGKILL")).toBe("sent");
    expect(await watchExit(second)).toMatchObject({ signal: "SIGKILL" });
    const orphans = findFamily(second).map((info) => info.pid);
    expect(others.map((info) => info.pid).filter((pid) => !orphans.includes(pid))).toEqual([]);
    expect(await terminate(second, { signal: "SIGINT", graceMs: 500 })).toMatchObject({ survivors: [] });
    expect(listProcesses().filter((info) => orphans.includes(info.pid) && isAlive(info))).toEqual([]);
  },
);
