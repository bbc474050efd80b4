import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

const stack = `
import { defineProgram, defineStack, job, service, Type } from "@caisson/core";
const config = Type.Object({});
const prepare = defineProgram(import.meta, "prepare", { main: "./prepare.mjs", management: false, config });
const api = defineProgram(import.meta, "api", { main: "./api.mjs", management: false, config, http: { port: 18323 } });
const prepared = job(prepare, { config: {} });
export default defineStack("failing", [prepared, service(api, { config: {}, after: [prepared] })]);
`;

const answering = `
import { createServer } from "node:http";
createServer((_, response) => response.end()).listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => process.exit(0));
`;

test("an `up` that fails says once of each resource why", async () => {
  const cwd = stackFolder({ "stack.ts": stack, "prepare.mjs": "process.exit(3);\n", "api.mjs": answering });
  const { code, stderr } = await runCli(["up", "-d"], { cwd });
  expect(code).not.toBe(0);
  const said = stderr.split("\n").filter((line) => line.startsWith("failed: "));
  expect(said.toSorted()).toEqual(["failed: api: prepare failed", expect.stringMatching(/^failed: prepare: /)]);
});

test("a restart of what ends at once is not called one", async () => {
  const cwd = stackFolder({ "stack.ts": stack, "prepare.mjs": "", "api.mjs": answering });
  expect(await runCli(["up", "-d", "--wait"], { cwd })).toMatchObject({ code: 0 });
  expect(await runCli(["restart", "api"], { cwd })).toMatchObject({ code: 0, stderr: "api restarted\n" });
  writeFileSync(join(cwd, "api.mjs"), "process.exit(3);\n");
  const { code, stderr } = await runCli(["restart", "api"], { cwd });
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/E_RESOURCE_FAILED/);
  expect(stderr).not.toContain("restarted");
});
