import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

test("who looks at a stack that never ran leaves its folder as it is", async () => {
  const cwd = stackFolder();
  const before = readdirSync(cwd);
  expect(await runCli(["plan"], { cwd })).toMatchObject({ code: 0, stdout: expect.stringContaining("set api to #1") });
  expect(await runCli(["up", "--dry-run"], { cwd })).toMatchObject({ code: 0 });
  expect(await runCli(["ps"], { cwd })).toMatchObject({ code: 0 });
  expect(readdirSync(cwd).filter((name) => name !== ".cache")).toEqual(before);
});
