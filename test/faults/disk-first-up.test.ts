import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../packages/cli/src/testing/until.ts";
import { runCli } from "../../packages/cli/src/testing/run-cli.ts";
import { stackFolder } from "../../packages/cli/src/testing/stack-folder.ts";
import { writeInstance } from "../../packages/runtime/src/state/instance.ts";
import { canMount, fill, mountSmall } from "./testing/small-disk.ts";

const definition = `
import { defineStack, postgres } from "@caisson/core";
export default defineStack("full", [postgres("db", { port: 25432 })]);
`;

test("no room for the state: nothing is started, and it is said where room is lacking", async ({ skip }) => {
  if (!canMount()) skip("needs the right to mount");
  const cwd = stackFolder({ "stack.ts": definition });
  using _ = mountSmall(join(cwd, ".caisson"), "64k");
  const file = fill(join(cwd, ".caisson"));
  expect(await runCli(["up", "-d"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/E_AGENT_LOCK.*\.caisson\/full\/dev.*ENOSPC.*\n.*hint: Free some space/),
  });
  expect(await runCli(["ps"], { cwd })).toMatchObject({ stdout: "" });
  rmSync(file);
});

test("no room for the data: what of it was made is removed; with room it is made, and outlives a disk that is full again", async ({
  skip,
}) => {
  if (!canMount()) skip("needs the right to mount");
  const cwd = stackFolder({ "stack.ts": definition });
  const stateFolder = join(cwd, ".caisson/full/dev");
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const instance = randomBytes(16).toString("hex");
  writeInstance(stateFolder, instance, { root: cwd, stack: "full", environment: "dev" });
  const data = join("/var/lib/caisson", instance, "data");
  mkdirSync(data, { recursive: true, mode: 0o755 });
  using disk = mountSmall(data, "8m");
  const up = () => runCli(["up", "-d", "--wait"], { cwd });
  expect(await up()).toMatchObject({
    code: 18,
    stderr: expect.stringMatching(/failed: db: .*No space left on device/s),
  });
  expect(existsSync(join(data, "db/data"))).toBe(false);
  await disk.remount("size=200m");
  expect(await up()).toMatchObject({ code: 0 });
  const sql = (text: string) => runCli(["sql", "db", "-c", text, "--format", "jsonl"], { cwd });
  expect(await sql("create table kept (n int); insert into kept values (42)")).toMatchObject({ code: 0 });
  const file = fill(data);
  await runCli(["restart", "db"], { cwd });
  await until("the database to find no room", async () =>
    /No space left on device/.test((await runCli(["why", "db"], { cwd })).stdout),
  );
  rmSync(file);
  expect(await up()).toMatchObject({ code: 0 });
  expect(await sql("select n from kept")).toMatchObject({ stdout: '{"n":42}\n' });
  expect(await runCli(["down", "-v", "--yes"], { cwd })).toMatchObject({ code: 0 });
});
