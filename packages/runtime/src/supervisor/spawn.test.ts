import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inspectRun } from "./adopt.ts";
import { readProcess } from "./proc.ts";
import { spawnRun } from "./spawn.ts";
import { startScratch } from "./testing/scratch.ts";
import type { Scratch } from "./testing/scratch.ts";
import { signalRun, terminate } from "./terminate.ts";
import { watchExit } from "./watch-exit.ts";

const isRoot = process.getuid?.() === 0;
let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(async () => {
  expect(await scratch.end()).toEqual([]);
});

const readLog = (): string => readFileSync(join(scratch.folder, "log"), "utf8");

test("the environment is exactly the declared one and the marker", async () => {
  const env = { A: 'it\'s "quoted"\n$HOME `x` \\', EMPTY: "", PATH: "/usr/bin:/bin" };
  const spec = scratch.spec([process.execPath, "-p", "JSON.stringify(process.env)"], { env });
  await watchExit(await spawnRun(spec));
  // bash, where it is /bin/sh, cannot be kept from counting its levels
  const { SHLVL: _, ...seen } = JSON.parse(readLog()) as Record<string, string>; // printed by the line above
  expect(seen).toEqual({ ...env, CAISSON_RUN: spec.marker });
});

test("arguments and working folder arrive as given, whatever they hold", async () => {
  const argv = ["a b", "'", '"', "$HOME", "*", "", "\n", "-e", "ü"];
  const script = "console.log(JSON.stringify([process.argv.slice(1), process.cwd()]))";
  await watchExit(await spawnRun(scratch.spec([process.execPath, "-e", script, "--", ...argv])));
  expect(JSON.parse(readLog())).toEqual([argv, scratch.folder]);
});

test("runs in a session of its own, with an empty stdin and no descriptor but its own three", async () => {
  const script = `
    const fs = require("node:fs");
    const open = [3, 4, 5, 6].filter((fd) => { try { return /run-|socket/.test(fs.readlinkSync("/proc/self/fd/" + fd)); } catch { return false; } });
    console.log(JSON.stringify({ open, stdin: fs.readFileSync(0, "utf8") }));
    setInterval(() => {}, 1000);`;
  const run = await spawnRun(scratch.spec([process.execPath, "-e", script]));
  const child = readProcess(run.childPid);
  expect(child?.command).not.toBe("sh");
  expect(child).toMatchObject({ parent: run.pid, session: run.pid, startTime: run.childStartTime });
  await expect.poll(readLog, { timeout: 20_000 }).toContain('{"open":[],"stdin":""}');
  await terminate(run, { signal: "SIGTERM", graceMs: 10_000 });
});

describe("a plain program ends by the signal its stop policy declares", () => {
  // A shell's background programs ignore SIGINT and SIGQUIT; ours must not.
  for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR2", "SIGKILL"] as const) {
    test(signal, async () => {
      const run = await spawnRun(scratch.spec(["sleep", "1000"]));
      expect(signalRun(run, signal)).toBe("sent");
      expect(await watchExit(run)).toMatchObject({ code: null, signal, lost: false, oom: false });
      expect(signalRun(run, signal)).toBe("gone");
    });
  }
});

test("the shim outlives signals to its group, and tells the program's end", async () => {
  const run = await spawnRun(scratch.spec(["sleep", "1000"]));
  process.kill(run.pid, "SIGTERM");
  process.kill(run.pid, "SIGINT");
  expect(inspectRun(run)).toEqual({ state: "alive", shim: true });
  process.kill(-run.pid, "SIGTERM");
  expect(await watchExit(run)).toMatchObject({ signal: "SIGTERM", lost: false });
});

test("nothing of the shell is in the log, whichever way the program ends", async () => {
  const run = await spawnRun(scratch.spec(["sh", "-c", "echo out; echo err >&2; kill -SEGV $$"]));
  expect(await watchExit(run)).toMatchObject({ signal: "SIGSEGV" });
  expect(readLog()).toBe("out\nerr\n");
});

test("exit status, log mode and umask", async () => {
  const spec = scratch.spec(["sh", "-c", "umask; exit 42"], { umask: 0o027 });
  expect(await watchExit(await spawnRun(spec))).toMatchObject({ code: 42, signal: null, lost: false });
  expect(readLog()).toBe("0027\n");
  expect(statSync(spec.logFile).mode & 0o777).toBe(0o600);
  expect(statSync(spec.runDir).mode & 0o777).toBe(0o700);
});

test.skipIf(!isRoot)("as another user: the status arrives although that user cannot enter our folders", async () => {
  const spec = scratch.spec(["sh", "-c", "id -u; id -g; id -G; exit 3"], { uid: 65_534, gid: 65_534, cwd: "/" });
  chmodSync(scratch.folder, 0o700);
  expect(await watchExit(await spawnRun(spec))).toMatchObject({ code: 3 });
  expect(readLog()).toBe("65534\n65534\n65534\n");
});

test("what stands in the way of a start has a code and a sentence, and leaves nothing", async () => {
  const fails = async (overrides: object): Promise<unknown> =>
    spawnRun(scratch.spec(["sleep", "1000"], { runDir: join(scratch.folder, "same"), ...overrides })).catch(
      (error: unknown) => error,
    );
  writeFileSync(join(scratch.folder, "data"), "");
  mkdirSync(join(scratch.folder, "closed", "bin"), { recursive: true, mode: 0o700 });
  writeFileSync(join(scratch.folder, "closed", "bin", "tool"), "", { mode: 0o755 });
  chmodSync(scratch.folder, 0o755);
  expect(await fails({ argv: ["no-such-program"] })).toMatchObject({
    code: "E_PROGRAM_NOT_FOUND",
    message: expect.stringMatching(/no-such-program.*PATH/),
  });
  expect(await fails({ argv: ["./missing"] })).toMatchObject({
    code: "E_PROGRAM_NOT_FOUND",
    message: expect.stringMatching(/missing/),
  });
  expect(await fails({ env: {} })).toMatchObject({
    code: "E_PROGRAM_NOT_FOUND",
    message: expect.stringMatching(/not set/),
  });
  expect(await fails({ argv: [] })).toMatchObject({ code: "E_PROGRAM_NOT_FOUND" });
  expect(await fails({ cwd: join(scratch.folder, "none") })).toMatchObject({
    code: "E_PROGRAM_NOT_FOUND",
    message: expect.stringMatching(/folder/),
  });
  expect(await fails({ argv: ["./data"] })).toMatchObject({ code: "E_PROGRAM_NOT_EXECUTABLE" });
  expect(await fails({ argv: ["./closed/bin/tool"], uid: 65_533, gid: 65_533 })).toMatchObject({
    code: "E_PROGRAM_NOT_EXECUTABLE",
    message: expect.stringMatching(/65533 may not enter .*closed/),
  });
  expect(await fails({ logFile: join(scratch.folder, "none", "log") })).toMatchObject({ code: "E_SPAWN" });
  expect(await fails({ env: { "A-B": "x", PATH: "/bin" } })).toMatchObject({ code: "E_VALUE" });
  expect(await fails({ runDir: join(scratch.folder, "data", "x") })).toMatchObject({ code: "E_SPAWN" });
  // after all that the same folder serves, once
  await terminate(await spawnRun(scratch.spec(["sleep", "1000"], { runDir: join(scratch.folder, "same") })), {
    signal: "SIGTERM",
    graceMs: 9000,
  });
  expect(await fails({})).toMatchObject({ code: "E_SPAWN", message: expect.stringMatching(/served another run/) });
});

test("when the limits cannot be put in place, nothing starts", async () => {
  const spec = scratch.spec(["sh", "-c", "echo started"]);
  const place = (): never => {
    throw new Error("no room");
  };
  await expect(spawnRun(spec, { place })).rejects.toThrow("no room");
  await expect.poll(() => readFileSync(join(spec.runDir, "exit"), "utf8"), { timeout: 20_000 }).toMatch(/^exit 125\n/);
  expect(readLog()).toBe("");
});

test("1,000 runs leave no zombie, and neither do 1,000 orphans of one program", async () => {
  for (let batch = 0; batch < 50; batch += 1) {
    const runs = await Promise.all(Array.from({ length: 20 }, () => spawnRun(scratch.spec(["true"]))));
    const exits = await Promise.all(runs.map((run) => watchExit(run)));
    expect(exits.every((exit) => exit.code === 0)).toBe(true);
  }
  const script = "i=0; while [ $i -lt 1000 ]; do (true &); i=$((i+1)); done";
  expect(await watchExit(await spawnRun(scratch.spec(["sh", "-c", script])))).toMatchObject({ code: 0 });
});
