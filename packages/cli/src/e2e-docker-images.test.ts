import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { describe, expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

const image = "valkey/valkey:9.1.4-trixie";
const docker = new Docker();
const missing = await docker.listImages({ filters: { reference: [image] } }).then(
  (found) => (found.length > 0 ? "" : `image not available: ${image}`),
  () => "no Docker Engine answers",
);

const stack = (more = ""): string => `
import { container, defineStack, redis } from "@caisson/core";
export default defineStack("images", [redis("redis", { role: "store" }), redis("cache", { role: "cache", port: 6380 }), ${more}]);
`;

describe.skipIf(missing !== "")(`images on a Docker Engine${missing && ` (skipped: ${missing})`}`, () => {
  test("are listed once each, written into one archive and read from it", async () => {
    const cwd = stackFolder({ "stack.ts": stack() });
    const { stdout } = await runCli(["images", "--format", "jsonl"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      reference: expect.stringContaining(image),
      usedBy: ["redis", "cache"],
      own: false,
      bytes: expect.any(Number),
    });
    expect(await runCli(["images", "save", "all.tar"], { cwd })).toMatchObject({
      code: 0,
      stderr: "1 images in all.tar\n",
    });
    expect(await runCli(["images", "load", "all.tar"], { cwd })).toMatchObject({ code: 0, stdout: `${image}\n` });
  });

  test("that are missing are told of, and no archive is half there", async () => {
    const none = "none.invalid/nothing:1";
    const cwd = stackFolder({ "stack.ts": stack(`container("other", { image: "${none}" })`) });
    const { stdout } = await runCli(["images", "list"], { cwd });
    expect(stdout).toMatch(/none\.invalid\/nothing:1 +missing +other/);
    expect(await runCli(["images", "save", "all.tar"], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_IMAGE.*the engine has no none\.invalid\/nothing:1\n.*docker pull/),
    });
    expect(existsSync(join(cwd, "all.tar"))).toBe(false);
    writeFileSync(join(cwd, "bad.tar"), "no archive");
    expect(await runCli(["images", "load", "bad.tar"], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_IMAGE.*bad\.tar could not be loaded/),
    });
    expect(await runCli(["images", "load", "absent.tar"], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_IMAGE.*absent\.tar could not be loaded: ENOENT/),
    });
  });
});

test("images without an engine or a file say so", async () => {
  const cwd = stackFolder({ "stack.ts": stack() });
  const env = { DOCKER_HOST: `unix://${join(cwd, "none")}` };
  expect(await runCli(["images"], { cwd, env })).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_DOCKER/) });
  expect(await runCli(["images", "save"], { cwd })).toMatchObject({ code: 21 });
});
