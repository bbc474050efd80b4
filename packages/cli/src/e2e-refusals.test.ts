import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, startCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { tempFolder } from "./testing/temp-folder.ts";
import { until } from "./testing/until.ts";

const launcher = join(import.meta.dirname, "../bin/caisson.cjs");

describe("what the file system refuses is no fault of ours", () => {
  test("a folder that is a file, and a list of a render that a merge broke", async () => {
    const cwd = stackFolder({ taken: "" });
    const onto = await runCli(["render", "compose", "--out", "taken"], { cwd });
    expect(onto).toMatchObject({ code: 1, stderr: expect.stringMatching(/error\[E_FILE\]: .*taken.*EEXIST/) });
    mkdirSync(join(cwd, "out"));
    writeFileSync(join(cwd, "out/.caisson-files.json"), "<<<<<<< HEAD\n");
    const broken = await runCli(["render", "compose", "--out", "out"], { cwd });
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_FILE.*caisson-files\.json to be JSON/) });
  });

  test.runIf(process.platform === "linux")("a full disk below the output, and a folder that is gone", () => {
    const full = openSync("/dev/full", "w");
    const said = spawnSync(process.execPath, ["--", launcher, "help"], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(said).toMatchObject({ status: 1, stderr: expect.stringContaining("ENOSPC") });

    const gone = join(tempFolder(), "gone");
    mkdirSync(gone);
    const script = `rmdir "$1" && exec "$2" -- "$3" ps`;
    const lost = spawnSync("/bin/sh", ["-c", script, "sh", gone, process.execPath, launcher], {
      cwd: gone,
      encoding: "utf8",
    });
    expect(lost).toMatchObject({ status: 1, stderr: expect.stringContaining("does not exist any more") });
    expect(() => rmdirSync(gone)).toThrow(/ENOENT/);
  });
});

test("a secret of other bytes than text is refused as it comes, from a file and from a pipe", async () => {
  const cwd = stackFolder();
  writeFileSync(join(cwd, "key"), Buffer.from([0x61, 0x62, 0x63, 0xff, 0xfe, 0x64, 0x65]));
  const set = ["secret", "set", "more-key", "--profile", "extra"];
  const file = await runCli([...set, "--from-file", "key"], { cwd });
  expect(file).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_SECRET_VALUE.*UTF-8/) });
  const pipe = `"$1" -- "$2" ${set.join(" ")} < key`;
  const piped = spawnSync("/bin/sh", ["-c", pipe, "sh", process.execPath, launcher], { cwd, encoding: "utf8" });
  expect(piped).toMatchObject({ status: 1, stderr: expect.stringMatching(/E_SECRET_VALUE.*UTF-8/) });
});

test("nothing is waited for that is not to come: commands, no replicas, times that no timer takes", async () => {
  const cwd = stackFolder();
  expect((await runCli(["up", "--wait-timeout", "60d"], { cwd })).code).toBe(0);
  for (const verb of ["start", "restart"]) {
    const command = await runCli([verb, "greet"], { cwd });
    expect(command).toMatchObject({ code: 2, stderr: expect.stringContaining("Run it: caisson run greet") });
  }
  const half = await runCli(["scale", "worker=0", "setup=2"], { cwd });
  expect(half).toMatchObject({ code: 1, stderr: expect.stringContaining("E_REPLICAS") });
  expect((await runCli(["wait", "worker", "--timeout", "0.4s"], { cwd })).code).toBe(0);

  expect((await runCli(["scale", "worker=0", "--wait"], { cwd })).code).toBe(0);
  for (const verb of ["start", "restart"]) {
    const none = await runCli([verb, "worker"], { cwd });
    expect(none).toMatchObject({ code: 0, stderr: "worker has 0 replicas: caisson scale worker=1\n" });
  }
});

test("Ctrl-C breaks a statement off, in the server too; a store that a killed agent left keeps its secret", async () => {
  const cwd = stackFolder({
    "stack.ts": `
import { defineStack, postgres } from "@caisson/core";
export default defineStack("demo", [postgres("db", { database: "shop", user: "shop_user" })]);
`,
  });
  expect((await runCli(["up", "-d"], { cwd })).code).toBe(0);
  const running = "select count(*) from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'";
  const count = async (): Promise<string> =>
    (await runCli(["sql", "-c", running, "--format", "jsonl"], { cwd })).stdout;
  const sleeping = startCli(["sql", "-c", "select pg_sleep(600)"], { cwd });
  await until("the statement runs", async () => (await count()).includes('"count":1'));
  sleeping.child.kill("SIGINT");
  expect(await sleeping.ended).toMatchObject({ code: 130, stderr: "" });
  expect(await count()).toContain('"count":0');

  const holder = readFileSync(join(cwd, ".caisson/demo/dev/agent.lock.json"), "utf8");
  process.kill((JSON.parse(holder) as { pid: number }).pid, "SIGKILL");
  const reset = await runCli(["secret", "reset", "db-superuser", "--yes"], { cwd });
  expect(reset).toMatchObject({ code: 1, stderr: expect.stringContaining("E_RUNNING") });
  expect((await runCli(["up", "-d"], { cwd })).code).toBe(0);
});

test("up --watch says that there is too much to watch, and takes down what it began", async () => {
  const cwd = stackFolder();
  for (let index = 0; index <= 5000; index++) mkdirSync(join(cwd, "many", String(index)), { recursive: true });
  const up = await runCli(["up", "--watch"], { cwd });
  expect(up).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error\[E_FILE\]: expected to watch .* 5000 folders/m),
  });
  expect(up.stderr).not.toMatch(/\n\s+at /);
  await until("the stack is down", async () => (await runCli(["health"], { cwd })).code === 7);
});

test("an `up` that was refused keeps the stack nowhere: the way its hint shows is open", async () => {
  const stack = `import { container, defineStack } from "@caisson/core";
export default defineStack("boxed", [container("box", { image: "example.com/box:1" })]);`;
  const cwd = stackFolder({ "stack.ts": stack });
  const here = await runCli(["up", "-d"], { cwd });
  expect(here).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_PROVIDER[^]*--target docker/) });
  const there = await runCli(["up", "-d", "--target", "docker"], { cwd, env: { DOCKER_HOST: "unix:///nowhere" } });
  expect(there).toMatchObject({ code: 1, stderr: expect.stringContaining("/nowhere") });
});
