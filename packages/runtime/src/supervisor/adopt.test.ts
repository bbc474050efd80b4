import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findByMarker, inspectRun, recoverRun } from "./adopt.ts";
import { findFamily } from "./family.ts";
import { killRuns } from "./kill-runs.ts";
import { readProcess } from "./proc.ts";
import type { Run } from "./run.ts";
import { spawnRun } from "./spawn.ts";
import { fixture, startScratch, until } from "./testing/scratch.ts";
import type { Scratch } from "./testing/scratch.ts";
import { signalRun, terminate } from "./terminate.ts";
import { watchExit } from "./watch-exit.ts";

let scratch: Scratch;
let foreign: ChildProcess;
beforeEach(async () => {
  scratch = startScratch();
  foreign = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
  await once(foreign, "spawn");
});
afterEach(async () => {
  // whatever a test did, the foreign process survived it
  expect(readProcess(foreign.pid ?? 0)).toMatchObject({ command: "sleep", state: "S" });
  foreign.kill("SIGKILL");
  await once(foreign, "exit");
  expect(await scratch.end()).toEqual([]);
});

const sleep = ["sleep", "1000"];

/** A record whose processes are over, with the foreign process in their place. */
async function endedRun(): Promise<Run> {
  const run = await spawnRun(scratch.spec(sleep));
  await killRuns([{ run }]);
  return run;
}

test("the agent is killed: the program lives, logs on, and the next agent gets its exit status", async () => {
  const go = join(scratch.folder, "go");
  const spec = scratch.spec([fixture("exit-when.sh"), go, "7"]);
  const agent = spawn(process.execPath, [fixture("agent.ts"), JSON.stringify(spec)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(agent.stdout, "data");
  const run = JSON.parse(String(line)) as Run; // printed by the fixture
  agent.kill("SIGKILL");
  await once(agent, "exit");
  expect(inspectRun(run)).toEqual({ state: "alive", shim: true });
  expect(readProcess(run.pid)?.parent).not.toBe(agent.pid);
  const exit = watchExit(run);
  writeFileSync(go, "");
  expect(await exit).toMatchObject({ code: 7, signal: null, lost: false });
  expect(readFileSync(spec.logFile, "utf8")).toBe("ready\nleaving\n");
  expect(inspectRun(run)).toMatchObject({ state: "exited", exit: { code: 7 } });
});

test("a program that ended while no agent was there left its status", async () => {
  const run = await spawnRun(scratch.spec(["sh", "-c", "exit 9"]));
  await until("the run to be over", () => inspectRun(run).state === "exited");
  const stored = JSON.parse(JSON.stringify(run)) as Run; // as an agent would store it
  expect(await watchExit(stored)).toMatchObject({ code: 9, lost: false });
});

test("a run that was started but not recorded is recovered from its folder", async () => {
  const spec = scratch.spec(sleep);
  expect(recoverRun(spec)).toBeUndefined();
  const run = await spawnRun(spec);
  const { marker, runDir, logFile } = run;
  expect(recoverRun({ marker, runDir, logFile })).toEqual(run);
  await killRuns([{ run }]);
  const recovered = recoverRun({ marker, runDir, logFile });
  expect(recovered).toMatchObject({ pid: run.pid, childPid: run.childPid });
  expect(recovered && inspectRun(recovered)).toMatchObject({ state: "exited", exit: { signal: "SIGKILL" } });
});

test("a reused process id: a record that names a foreign process adopts and signals nothing", async () => {
  const run = await endedRun();
  const info = readProcess(foreign.pid ?? 0);
  if (info === undefined) throw new Error("the foreign process is gone");
  rmSync(join(run.runDir, "exit"));
  const forgeries: readonly Partial<Run>[] = [
    { pid: info.pid },
    { pid: info.pid, childPid: info.pid },
    // even with the right start times: the marker is missing
    { pid: info.pid, startTime: info.startTime },
    { pid: info.pid, startTime: info.startTime, childPid: info.pid, childStartTime: info.startTime },
    { childPid: info.pid, childStartTime: info.startTime },
    // this very process, and its parent
    { pid: process.pid, childPid: process.ppid },
  ];
  for (const forgery of forgeries) {
    const forged: Run = { ...run, ...forgery };
    expect(inspectRun(forged).state).toBe(forgery.pid === undefined ? "lost" : "foreign");
    expect(signalRun(forged, "SIGKILL")).toBe("gone");
    expect(findFamily(forged)).toEqual([]);
    expect(await killRuns([{ run: forged }])).toEqual({ killed: [], survivors: [] });
    expect(await terminate(forged, { signal: "SIGKILL", graceMs: 0 })).toMatchObject({
      exit: { lost: true },
      killed: [],
    });
  }
});

test("a run of another marker is foreign, although a program of ours", async () => {
  const run = await spawnRun(scratch.spec(sleep));
  // marked as the run's, but started at another time than its shim: a number that passed to another process
  const reused: Run = {
    ...run,
    pid: run.childPid,
    startTime: `${run.startTime}0`,
    childStartTime: `${run.startTime}1`,
  };
  expect(inspectRun(reused)).toMatchObject({ state: "foreign", pid: run.childPid });
  expect(signalRun(reused, "SIGKILL")).toBe("gone");
  const forged: Run = { ...run, marker: `${run.marker}0`, runDir: join(scratch.folder, "elsewhere") };
  expect(inspectRun(forged)).toEqual({ state: "foreign", pid: run.pid, command: "sh" });
  expect(await killRuns([{ run: forged }])).toEqual({ killed: [], survivors: [] });
  expect(inspectRun(run)).toEqual({ state: "alive", shim: true });
  await killRuns([{ run }]);
});

test("the shim is killed: the program is still ours, its end is noticed, its status is not known", async () => {
  const run = await spawnRun(scratch.spec(sleep));
  process.kill(run.pid, "SIGKILL");
  await until("the shim to be gone", () => readProcess(run.pid) === undefined);
  expect(inspectRun(run)).toEqual({ state: "alive", shim: false });
  const exit = watchExit(run, { pollMs: 50 });
  expect(signalRun(run, "SIGTERM")).toBe("sent");
  expect(await exit).toMatchObject({ code: null, signal: null, lost: true });
  expect(inspectRun(run)).toEqual({ state: "lost" });
});

test("a status that is not wholly written is none", async () => {
  const run = await endedRun();
  for (const text of ["", "ex", "exit 1", "\n", "exit x\n", "       \n"]) {
    writeFileSync(join(run.runDir, "exit"), text);
    expect(inspectRun(run)).toEqual({ state: "lost" });
  }
  appendFileSync(join(run.runDir, "exit"), "");
  writeFileSync(join(run.runDir, "exit"), "exit 1\n");
  expect(inspectRun(run)).toMatchObject({ state: "exited", exit: { code: 1 } });
});

test("finds processes by marker, those no record knows", async () => {
  const spec = scratch.spec([fixture("family.sh"), "leave"]);
  const run = await spawnRun(spec);
  await watchExit(run);
  const other = await spawnRun(scratch.spec(sleep));
  const found = await until("the orphans to be themselves", () => {
    const now = findByMarker(spec.marker).filter((info) => info.command === "sleep");
    return now.length === 3 && now;
  });
  expect(found.every((info) => info.marker === spec.marker && info.parent !== run.pid)).toBe(true);
  expect(findByMarker(scratch.prefix).some((info) => info.pid === other.childPid)).toBe(true);
  expect(findByMarker(`${scratch.prefix}none`)).toEqual([]);
  await killRuns([{ run }, { run: other }]);
  expect(findByMarker(scratch.prefix)).toEqual([]);
});

test("the watch of an exit can be given up, and the run goes on", async () => {
  const run = await spawnRun(scratch.spec(sleep));
  const giveUp = new AbortController();
  const exit = watchExit(run, { signal: giveUp.signal });
  giveUp.abort(new Error("no longer of interest"));
  await expect(exit).rejects.toThrow("no longer of interest");
  await expect(watchExit(run, { signal: giveUp.signal })).rejects.toThrow("no longer of interest");
  expect(inspectRun(run).state).toBe("alive");
  await killRuns([{ run }]);
});
