import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import { describe, expect, onTestFinished, test } from "vitest";
import { startRegistry } from "../../runtime/src/images/testing/registries.ts";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { tempFolder } from "./testing/temp-folder.ts";
import { withoutImages } from "./testing/without-images.ts";

const image = "valkey/valkey:9.1.4-trixie";
const docker = new Docker();
const missing = await withoutImages(image);

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

const noRegistry =
  (await withoutImages("node:24.21.0-trixie-slim")) ||
  (spawnSync("docker-registry", ["--version"]).status === 0 ? "" : "docker-registry is not installed");

test.skipIf(noRegistry !== "")(
  `the image of a stack's programs goes to a registry, and rendered files take it from there${noRegistry && ` (skipped: ${noRegistry})`}`,
  async () => {
    // Sources of its own, so nobody else runs what is removed here.
    const cwd = stackFolder({ "command.mjs": `// ${crypto.randomUUID()}` });
    const registry = `${await startRegistry()}/team`;
    const run = (...args: string[]) => runCli(args, { cwd });
    expect(await run("images", "push", `https://${registry}`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected a registry .*no https/),
    });
    expect(await run("images", "push", registry)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_IMAGE.*could not be named .*\n.*caisson build/),
    });
    const built = (await run("build")).stdout.trim();
    expect(await run("images", "push", registry)).toMatchObject({ code: 0 });
    const pushed = `${registry}/${built}`;
    for (const name of [built, pushed]) await docker.getImage(name).remove();

    for (const target of ["compose", "swarm"]) {
      const { stderr } = await run("render", target, "--registry", registry, "--out", target);
      expect([target, stderr]).toEqual([target, expect.not.stringMatching(/the image .*(?:not part|is local)/)]);
    }
    const file = readFileSync(join(cwd, "compose/compose.yaml"), "utf8");
    expect(file).toContain(`image: "${pushed}"`);
    expect(file).not.toMatch(/build:|pull_policy/);
    expect(existsSync(join(cwd, "compose/build"))).toBe(false);
    expect(readFileSync(join(cwd, "swarm/stack.yaml"), "utf8")).toContain(`image: "${pushed}"`);

    const pull = await docker.pull(pushed);
    await new Promise((resolve, reject) =>
      docker.modem.followProgress(pull, (error) => (error ? reject(error) : resolve(undefined))),
    );
    // Only what is there can be removed.
    const [repo = "", tag = ""] = built.split(":");
    await docker.getImage(pushed).tag({ repo, tag });
    const closed = await run("images", "push", "127.0.0.1:1");
    expect(closed).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_IMAGE.*docker push ended with/) });
    for (const name of [built, pushed, `127.0.0.1:1/${built}`]) await docker.getImage(name).remove();
  },
);

const noBuild =
  missing ||
  (spawnSync("dpkg", ["--version"]).status === 0 ? "" : "no Debian") ||
  (process.getuid?.() === 0 ? "" : "not root");

describe.skipIf(noBuild !== "")(`images from Debian's packages${noBuild && ` (skipped: ${noBuild})`}`, () => {
  const folder = fileURLToPath(new URL("../../../images", import.meta.url));

  test("are built, by the name that is asked for", { timeout: 300_000 }, async () => {
    const name = `caisson-test/busybox:${crypto.randomUUID()}`;
    onTestFinished(() => docker.getImage(name).remove());
    const { status, stdout, stderr } = spawnSync("bash", [join(folder, "build.sh"), `busybox=${name}`], {
      encoding: "utf8",
    });
    expect([status, stdout, stderr]).toEqual([0, `${name}\n`, ""]);
    expect(await docker.getImage(name).inspect()).toMatchObject({ Config: { Labels: { "caisson.drop-in": "true" } } });
  });

  test("are left as they are where the engine has them", async () => {
    const { Id: before } = await docker.getImage(image).inspect();
    expect(await runCli(["images", "build", "valkey"], { cwd: tempFolder() })).toEqual({
      code: 0,
      signal: null,
      stdout: `${image}\n`,
      stderr: "",
    });
    expect((await docker.getImage(image).inspect()).Id).toBe(before);
  });

  test("are not built where no engine answers", async () => {
    const cwd = tempFolder();
    const env = { DOCKER_HOST: `unix://${join(cwd, "none")}` };
    expect(await runCli(["images", "build", "valkey"], { cwd, env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/E_DOCKER/),
    });
  });
});

test("images are built of parts that have a stand-in, on Debian and as root", async () => {
  const cwd = tempFolder();
  expect(await runCli(["images", "build", "valky"], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/got valky\n.*Did you mean valkey/),
  });
  expect(await runCli(["images", "build", "valkey"], { cwd, env: { PATH: cwd } })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/E_IMAGE.*no apt-get and no dpkg\n.*Debian host/),
  });
  for (const program of ["apt-get", "dpkg"]) writeFileSync(join(cwd, program), "", { mode: 0o755 });
  const anybody = await runCli(["images", "build", "valkey"], { cwd, env: { PATH: cwd } });
  expect(anybody).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      process.getuid?.() === 0 ? /E_DOCKER.*program docker/ : /E_IMAGE.*expected to run as root/,
    ),
  });
});

test("images without an engine or a file say so", async () => {
  const cwd = stackFolder({ "stack.ts": stack() });
  const env = { DOCKER_HOST: `unix://${join(cwd, "none")}` };
  expect(await runCli(["images"], { cwd, env })).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_DOCKER/) });
  expect(await runCli(["images", "save"], { cwd })).toMatchObject({ code: 21 });
});
