import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, startCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

interface Shown {
  readonly name: string;
  readonly state: string;
  readonly healthStatus: string;
  readonly addresses: Readonly<Record<string, string>>;
  readonly urls: readonly string[];
  readonly pids: readonly number[];
  readonly generation: number;
}

async function resources(cwd: string): Promise<Readonly<Record<string, Shown>>> {
  const { code, stdout, stderr } = await runCli(["ps", "--format", "json"], { cwd });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const document = JSON.parse(stdout) as { readonly resources: readonly Shown[] };
  return Object.fromEntries(document.resources.map((each) => [each.name, each]));
}

const alive = (pid: number): boolean => existsSync(`/proc/${pid}`);

describe("up, look, down", () => {
  test("brings a stack up, tells of it in table and JSON, and takes it down", async () => {
    const cwd = stackFolder();
    const up = await runCli(["up", "-d"], { cwd });
    expect(up).toMatchObject({ code: 0 });
    expect(up.stdout).toMatch(/^OPEN +URL\napi +http:\/\/127\.0\.0\.1:\d+\n/m);
    expect(up.stderr).toMatch(/s {2}api {2}Waiting {2}waits for setup\n/);
    expect(up.stderr).toMatch(/s {2}setup {2}Completed\n/);
    // A profile that is off was not asked for, and is no news.
    expect(up.stderr).not.toContain("skipped");
    expect(up.stderr).toMatch(/s {2}worker {2}Running Ready {2}http/);

    const shown = await resources(cwd);
    expect(shown).toMatchObject({
      setup: { state: "Completed", kind: "job", exitCode: 0 },
      api: { state: "Running", healthStatus: "Ready", needs: ["setup"], waitingFor: [] },
      worker: { state: "Running", healthStatus: "Ready", urls: [] },
    });
    expect(await (await fetch(shown["api"]?.urls[0] ?? "")).text()).toBe("hello");

    const table = await runCli(["status"], { cwd });
    expect(table.stdout).toMatch(
      /^NAME +KIND +STATE +HEALTH +SINCE +ADDRESS +DETAIL\n(?:.*\n)*api +service +Running +Ready /,
    );
    expect((await runCli(["ps", "-q", "worker", "api"], { cwd })).stdout).toBe("worker\napi\n");
    expect(await runCli(["health"], { cwd })).toMatchObject({ code: 0, stdout: "healthy: 3 of 3 in demo (dev)\n" });

    const again = await runCli(["up", "-d"], { cwd });
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^nothing to do: \d resources are as they should be\n/),
    });

    const pids = Object.values(shown).flatMap((each) => each.pids);
    expect(await runCli(["down"], { cwd })).toMatchObject({ code: 0, stdout: "" });
    expect(pids.filter(alive)).toEqual([]);
    expect(await runCli(["down"], { cwd })).toMatchObject({ code: 0, stderr: "demo (dev) is not running\n" });
    const after = await runCli(["ps"], { cwd });
    expect(after).toMatchObject({ code: 0, stderr: expect.stringContaining("stack demo (dev) is not running") });
    expect(after.stdout).toMatch(/^worker +service +Exited/m);
  });

  test("plans without starting anything", async () => {
    const cwd = stackFolder();
    const plan = await runCli(["plan"], { cwd });
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.stdout).toMatch(/set api to #1/);
    expect((await runCli(["up", "--dry-run"], { cwd })).stdout).toBe(plan.stdout);
    const json = JSON.parse((await runCli(["plan", "--format", "json"], { cwd })).stdout) as { operations: unknown[] };
    expect(json.operations.length).toBeGreaterThan(3);
    expect(await runCli(["health"], { cwd })).toMatchObject({ code: 7 });
  });

  test("starts only what is asked for, and what it needs", async () => {
    const cwd = stackFolder();
    expect(await runCli(["up", "-d", "api"], { cwd })).toMatchObject({ code: 0 });
    const shown = await resources(cwd);
    expect(shown).toMatchObject({ setup: { state: "Completed" }, api: { state: "Running" } });
    expect(shown["worker"]?.pids ?? []).toEqual([]);
  });

  test("takes parameters from --set, variables, .env and the environment, in this order", async () => {
    const cwd = stackFolder({ ".env": "GREETING=from dotenv\n" });
    const greeting = async (args: readonly string[], env = {}) => {
      const { stdout } = await runCli(["config", "--format", "json", ...args], { cwd, env });
      return (JSON.parse(stdout) as { params: { greeting: string } }).params.greeting;
    };
    expect(await greeting(["--set", "greeting=set"], { GREETING: "env" })).toBe("set");
    expect(await greeting([], { GREETING: "env" })).toBe("env");
    expect(await greeting([])).toBe("from dotenv");
    expect(await greeting(["--env", "prod"])).toBe("from dotenv");
    writeFileSync(join(cwd, ".env"), "");
    expect(await greeting(["--env", "prod"])).toBe("good day");
    expect(await greeting([])).toBe("hello");
    writeFileSync(join(cwd, "other.env"), "GREETING='from a file'\n");
    expect(await greeting(["--env-file", "other.env"])).toBe("from a file");
  });
});

describe("what fails", () => {
  test("ends up with 18 and says why, and the rest keeps running", async () => {
    const cwd = stackFolder({ "command.mjs": "console.log('no luck'); process.exit(9);" });
    const up = await runCli(["up", "-d"], { cwd });
    expect(up).toMatchObject({ code: 18 });
    expect(up.stderr).toMatch(/failed: setup: .*exit code 9/);
    expect(await runCli(["health"], { cwd })).toMatchObject({
      code: 18,
      stdout: expect.stringMatching(/setup is Failed/),
    });
    expect((await runCli(["logs", "setup"], { cwd })).stdout).toContain("setup | no luck\n");
    expect(await runCli(["wait", "setup"], { cwd })).toMatchObject({
      code: 18,
      stderr: expect.stringContaining("error[E_RESOURCE_FAILED]: failed: setup is Failed"),
    });
  });

  test("is not waited for longer than --wait-timeout says: 17", async () => {
    const cwd = stackFolder();
    startCli(["up", "-d", "--set", "greeting=never"], { cwd });
    const why = async (): Promise<string> => (await runCli(["why", "api"], { cwd })).stdout;
    await expect.poll(why, { timeout: 60_000, interval: 100 }).toContain("503");
    const up = await runCli(["up", "--wait-timeout", "2s", "--set", "greeting=never"], { cwd });
    expect(up).toMatchObject({ code: 17 });
    expect(up.stderr).toMatch(
      /error\[E_WAIT_TIMEOUT\]: not ready within 2\.0s: api is Running \(.*503.*\); worker is Waiting \(waits for api\)/,
    );
    expect(await runCli(["wait", "--timeout", "1s", "worker"], { cwd })).toMatchObject({ code: 17 });
    expect(await runCli(["wait", "--timeout", "60s", "--for", "started", "api"], { cwd })).toMatchObject({ code: 0 });
  });

  test.each([
    "health",
    "diff",
    "logs",
    "env api",
    "exec api -- true",
    "run greet",
    "stop",
    "scale api=2",
    "wait",
    "why api",
    "sql",
  ])("%s of a stack that is not running ends with 7", async (line) => {
    const ended = await runCli(line.split(" "), { cwd: stackFolder() });
    expect(ended).toMatchObject({ code: 7, stdout: "" });
    expect(ended.stderr).toBe(
      "error[E_NOT_RUNNING]: stack demo (dev) is not running\n  hint: Start it with `caisson up`.\n",
    );
  });
});

describe("single resources", () => {
  test("are stopped, started, restarted and scaled", async () => {
    const cwd = stackFolder();
    await runCli(["up", "-d"], { cwd });
    const first = await resources(cwd);
    expect(await runCli(["stop", "worker"], { cwd })).toMatchObject({ code: 0, stderr: "worker stopped\n" });
    expect((await resources(cwd))["worker"]).toMatchObject({ state: "Exited", pids: [] });
    expect(await runCli(["health"], { cwd })).toMatchObject({ code: 0 });
    const started = await runCli(["start", "worker", "--wait", "--format", "json"], { cwd });
    expect(JSON.parse(started.stdout)).toMatchObject({ resources: [{ name: "worker", healthStatus: "Ready" }] });
    expect(await runCli(["restart", "api", "--wait"], { cwd })).toMatchObject({ code: 0, stderr: "api restarted\n" });
    const last = await resources(cwd);
    expect(last["api"]).toMatchObject({ state: "Running", healthStatus: "Ready" });
    expect(last["api"]?.pids).not.toEqual(first["api"]?.pids);

    const order = await runCli(["stop"], { cwd });
    expect(order.stderr).toBe("worker stopped\napi stopped\n");
    expect((await runCli(["start", "--wait"], { cwd })).stderr).toBe("api started\nworker started\n");
  });

  test("of other names are refused with the nearest", async () => {
    const cwd = stackFolder();
    await runCli(["up", "-d"], { cwd });
    for (const line of [
      "stop apii",
      "logs apii",
      "ps apii",
      "wait apii",
      "exec apii -- true",
      "env apii",
      "scale apii=2",
      "why apii",
      "run apii",
    ]) {
      const ended = await runCli(line.split(" "), { cwd });
      expect({ line, ...ended }).toMatchObject({ code: 1, stdout: "" });
      expect(ended.stderr).toMatch(
        /^error\[E_RESOURCE_UNKNOWN\]: the stack has no resource "apii" \(it has .*\)\n {2}hint: Did you mean api\?/,
      );
    }
  });
});
