import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import { describe, expect, onTestFinished, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { withoutImages } from "./testing/without-images.ts";

const base = "node:24.21.0-trixie-slim";
const docker = new Docker();
const missing = await withoutImages(base);

const stack = `
import { command, defineProgram, defineStack, Type } from "@caisson/core";
const program = defineProgram(import.meta, "tool", { main: "./tool.mjs", management: false, config: Type.Object({}) });
export default defineStack("built", [command(program, { config: {} })]);
`;

/** A package as npm would have installed it. */
const installed = (name: string): Readonly<Record<string, string>> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: "1.0.0", main: "index.js" }),
  [`node_modules/${name}/index.js`]: "module.exports = 1;\n",
});

describe.skipIf(missing !== "")(`the image of a stack's programs${missing && ` (skipped: ${missing})`}`, () => {
  test("has what they need at run time and nothing that only builds or tests do, and runs as nobody of rank", async () => {
    const cwd = stackFolder({
      "stack.ts": stack,
      "package.json": JSON.stringify({
        type: "module",
        dependencies: { used: "1.0.0" },
        devDependencies: { compiler: "1.0.0" },
      }),
      "tool.mjs": `import "used"; // ${crypto.randomUUID()}`,
      "tool.test.mjs": "",
      ...installed("used"),
      ...installed("compiler"),
    });
    const run = await runCli(["build"], { cwd });
    expect([run.code, run.stderr]).toEqual([0, expect.stringMatching(/^built, \d+ MB$/m)]);
    const built = run.stdout.trim();
    onTestFinished(() => docker.getImage(built).remove());
    const { Config } = await docker.getImage(built).inspect();
    expect(Config).toMatchObject({ User: "1000:1000", WorkingDir: "/app" });
    const files = await filesOf(built);
    expect(files).toEqual(expect.arrayContaining(["tool.mjs", "package.json", "node_modules/used/index.js"]));
    expect(files.filter((path) => /^node_modules\/compiler|\.test\./.test(path))).toEqual([]);
  });

  test("of usage-tracking is less than 20 MB beside its base", async () => {
    const cwd = fileURLToPath(new URL("../../../stacks/usage-tracking", import.meta.url));
    const run = await runCli(["build", "-f", join(cwd, "stack.ts")], { cwd: stackFolder() });
    expect(run).toMatchObject({ code: 0 });
    const [all, below] = await Promise.all(
      [run.stdout.trim(), base].map(async (name) => (await docker.getImage(name).inspect()).Size),
    );
    expect((all ?? 0) - (below ?? 0)).toBeGreaterThan(1_000_000);
    expect((all ?? 0) - (below ?? 0)).toBeLessThan(20_000_000);
  });
});

/** The files below /app of an image, out of a container that never starts. */
async function filesOf(image: string): Promise<readonly string[]> {
  const container = await docker.createContainer({ Image: image, Cmd: ["true"], NetworkDisabled: true });
  onTestFinished(() => container.remove({ force: true }));
  const input = await buffer(await container.getArchive({ path: "/app" }));
  const { status, stdout } = spawnSync("tar", ["-t"], { input, encoding: "utf8", maxBuffer: 64 * 1024 ** 2 });
  expect(status).toBe(0);
  return stdout.split("\n").map((path) => path.replace(/^app\//, ""));
}
