import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, startCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

async function pids(cwd: string): Promise<readonly number[]> {
  const { code, stdout, stderr } = await runCli(["ps", "--format", "json"], { cwd });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { resources } = JSON.parse(stdout) as { readonly resources: readonly { readonly pids: readonly number[] }[] };
  return resources.flatMap((each) => each.pids);
}

const alive = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** `true` once none of them lives. */
async function allGone(processes: readonly number[]): Promise<boolean> {
  for (let tries = 0; tries < 1200 && processes.some(alive); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return !processes.some(alive);
}

describe("a foreground up", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "follows the logs; %s takes the stack down in order, exit code 0",
    async (signal) => {
      const cwd = stackFolder();
      const up = startCli(["up"], { cwd });
      await up.says(/worker \| greeting hello/);
      await up.says(/critical path/);
      const running = await pids(cwd);
      expect(running.length).toBeGreaterThanOrEqual(2);
      up.child.kill(signal);
      const ended = await up.ended;
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stderr).toMatch(
        /going down; Ctrl-C again kills what is left\n[^]*worker {2}Stopping[^]*worker {2}Exited[^]*api {2}Stopping[^]*api {2}Exited/,
      );
      expect(ended.stdout.match(/worker \| greeting hello/g)).toHaveLength(1);
      expect(running.filter(alive)).toEqual([]);
      expect(await runCli(["health"], { cwd })).toMatchObject({ code: 7 });
    },
  );

  test("kills what is left at the second Ctrl-C", async () => {
    const stubborn = 'process.on("SIGTERM", () => console.log("not yet"));\n';
    const cwd = stackFolder();
    writeFileSync(
      join(cwd, "service.mjs"),
      readFileSync(join(cwd, "service.mjs"), "utf8").replace(/process\.on\("SIGTERM".*\n/, stubborn),
    );
    const up = startCli(["up"], { cwd });
    await up.says(/critical path/);
    const running = await pids(cwd);
    up.child.kill("SIGINT");
    await up.says(/not yet/);
    up.child.kill("SIGINT");
    const { code, stderr } = await up.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/killing what is left[^]*api {2}Exited/);
    // Not because its grace was over.
    expect(stderr).not.toContain("did not stop within");
    expect(running.filter(alive)).toEqual([]);
  });

  test("that is killed takes its stack with it", async () => {
    const cwd = stackFolder();
    const up = startCli(["up"], { cwd });
    await up.says(/critical path/);
    const running = await pids(cwd);
    up.child.kill("SIGKILL");
    await up.ended;
    expect(await allGone(running)).toBe(true);
  });

  test("of a stack that runs already only looks on", async () => {
    const cwd = stackFolder();
    await runCli(["up", "-d"], { cwd });
    const running = await pids(cwd);
    const second = startCli(["up"], { cwd });
    await second.says(/nothing to do/);
    await second.says(/nothing to do/);
    second.child.kill("SIGINT");
    expect(await second.ended).toMatchObject({ code: 0, stderr: expect.stringContaining("left; the stack goes on") });
    expect(await pids(cwd)).toEqual(running);
  });

  test("ends when someone else takes the stack down", async () => {
    const cwd = stackFolder();
    const up = startCli(["up"], { cwd });
    await up.says(/critical path/);
    expect(await runCli(["down"], { cwd })).toMatchObject({ code: 0 });
    expect(await up.ended).toMatchObject({ code: 0 });
  });

  test("stays when something failed, and says so with 18 at the end", async () => {
    const cwd = stackFolder();
    const up = startCli(["up", "--set", "greeting=hello"], { cwd, env: {} });
    await up.says(/critical path/);
    writeFileSync(join(cwd, "command.mjs"), "process.exit(9)");
    const other = startCli(["up"], { cwd });
    await other.says(/failed: setup/);
    other.child.kill("SIGINT");
    expect(await other.ended).toMatchObject({ code: 18 });
    up.child.kill("SIGINT");
    expect(await up.ended).toMatchObject({ code: 0 });
  });

  test("ends by itself when nothing runs any more", async () => {
    const jobs = `
      import { defineProgram, defineStack, job, Type } from "@caisson/core";
      const tool = defineProgram(import.meta, "tool", { main: "./command.mjs", management: false, config: Type.Object({}) });
      export default defineStack("jobs", [job(tool, { config: {} })]);
    `;
    const cwd = stackFolder({ "stack.ts": jobs });
    expect(await runCli(["up"], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('tool | {"args":[]'),
    });
    const failing = stackFolder({ "stack.ts": jobs, "command.mjs": "process.exit(1)" });
    expect(await runCli(["up"], { cwd: failing })).toMatchObject({ code: 18 });
  });

  test("interrupted before all is up takes down what it began: 130", async () => {
    const cwd = stackFolder();
    const up = startCli(["up", "--set", "greeting=never"], { cwd });
    await up.says(/api {2}Running/);
    const running = await pids(cwd);
    up.child.kill("SIGINT");
    expect(await up.ended).toMatchObject({ code: 130 });
    expect(running.filter(alive)).toEqual([]);
  });
});

test("up --format json tells every change as a line of JSON, and its result", async () => {
  const cwd = stackFolder();
  const { code, stdout, stderr } = await runCli(["up", "-d", "--format", "json"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; resource?: { name: string; healthStatus: string } });
  expect(events[0]).toMatchObject({ type: "plan" });
  expect(events).toContainEqual({
    type: "resource",
    resource: expect.objectContaining({ name: "api", state: "Running", healthStatus: "Ready" }),
  });
  expect(events.at(-2)).toMatchObject({
    type: "resources",
    resources: expect.arrayContaining([expect.objectContaining({ name: "api", healthStatus: "Ready" })]),
  });
  expect(events.at(-1)).toEqual({ type: "result", ok: true, changed: ["setup", "api", "worker"], failed: [] });
});

test("up --watch takes up what changed, and keeps what runs when the stack is wrong meanwhile", async () => {
  const cwd = stackFolder();
  const up = startCli(["up", "--watch"], { cwd });
  await up.says(/watching /);
  const before = await pids(cwd);
  writeFileSync(
    join(cwd, "stack.ts"),
    readFileSync(join(cwd, "stack.ts"), "utf8").replace('default: "hello"', 'default: "changed"'),
  );
  await up.says(/watch: stack\.ts changed\n[^]*watch: .*api.* took it up/);
  await up.says(/api {4}\| greeting changed/);
  const after = await pids(cwd);
  expect(after).not.toEqual(before);

  writeFileSync(join(cwd, "stack.ts"), "export default {");
  await up.says(/error\[E_STACK_LOAD\]: .*stack\.ts[^]*the stack stays as it is/);
  expect(await pids(cwd)).toEqual(after);
  up.child.kill("SIGINT");
  expect(await up.ended).toMatchObject({ code: 0 });
});
