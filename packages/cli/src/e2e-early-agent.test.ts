import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentsOf, argvOf } from "./testing/agents-of.ts";
import { runCli, startCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { until } from "./testing/until.ts";

/** A stack that was up here before. */
async function knownStack(): Promise<string> {
  const cwd = stackFolder();
  expect(await runCli(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
  expect(await runCli(["down"], { cwd })).toMatchObject({ code: 0 });
  await until("the agent to end", async () => agentsOf(cwd).length === 0);
  return cwd;
}

test("the agent of a stack that was up before is started while the stack is read, and ends with an `up` that is killed", async () => {
  const cwd = await knownStack();
  writeFileSync(join(cwd, "stack.ts"), "await new Promise((resolve) => setTimeout(resolve, 1e9));\n");
  const up = startCli(["up", "-d"], { cwd });
  await until("the agent's process", async () => agentsOf(cwd).length === 1);
  up.child.kill("SIGKILL");
  await until("it to end", async () => agentsOf(cwd).length === 0);
});

test("an `up` that cannot be leaves none behind, and takes nothing", async () => {
  const cwd = await knownStack();
  rmSync(join(cwd, "command.mjs"));
  expect(await runCli(["up", "-d"], { cwd })).toMatchObject({ code: 1, stdout: "" });
  await until("no agent", async () => agentsOf(cwd).length === 0);
  expect(await runCli(["health"], { cwd })).toMatchObject({ code: 7 });
});

test("one that was started for the name the stack had is not taken", async () => {
  const cwd = await knownStack();
  writeFileSync(join(cwd, "stack.ts"), readFileSync(join(cwd, "stack.ts"), "utf8").replaceAll('"demo"', '"renamed"'));
  expect(await runCli(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
  await until("one agent", async () => agentsOf(cwd).length === 1);
  expect(argvOf(String(agentsOf(cwd)[0]))).toContain("renamed");
});
