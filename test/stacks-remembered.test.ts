import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repo, tempFolder } from "./testing/repo.ts";

const stacks = readdirSync(join(repo, "stacks")).filter((name) => existsSync(join(repo, "stacks", name, "stack.ts")));

// Whatever a stack imports that may answer otherwise tomorrow costs every command of its users the time to read it anew.
test.each(stacks)("the stack %s is remembered: it follows from its text", (name) => {
  const probe = join(repo, "packages/cli/src/testing/source-probe.ts");
  const args = [probe, join(repo, "stacks", name, "stack.ts"), tempFolder(), String(Date.now() + 60_000)];
  const ask = (): unknown => JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
  ask();
  expect(ask()).toMatchObject({ recalled: true, broken: null });
});
