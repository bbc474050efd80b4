import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

const compose = spawnSync("docker", ["compose", "version"], { encoding: "utf8" });
const noCompose = compose.status === 0 ? "" : "docker compose is not installed";

describe("render compose", () => {
  test("writes the same files every time; --check tells when they are stale", async () => {
    const cwd = stackFolder();
    const render = (...more: string[]) => runCli(["render", "compose", "--out", "deploy", ...more], { cwd });
    expect(await render("--check")).toMatchObject({ code: 1, stderr: expect.stringContaining("E_RENDER_STALE") });
    expect(existsSync(join(cwd, "deploy"))).toBe(false);
    expect(await render()).toMatchObject({ code: 0 });
    const first = readFileSync(join(cwd, "deploy/compose.yaml"), "utf8");
    expect(await render("--check")).toMatchObject({ code: 0 });

    appendFileSync(join(cwd, "deploy/compose.yaml"), "# by hand\n");
    expect(await render("--check")).toMatchObject({ code: 1, stderr: expect.stringContaining("compose.yaml") });
    expect(await render()).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, "deploy/compose.yaml"), "utf8")).toBe(first);
  });

  test("has all that its image is built from, and touches no folder that it did not make", async () => {
    const cwd = stackFolder();
    const render = (...more: string[]) => runCli(["render", "compose", "--out", "deploy", ...more], { cwd });
    mkdirSync(join(cwd, "deploy/build"), { recursive: true });
    expect(await render()).toMatchObject({ code: 1, stderr: expect.stringContaining("E_FILE") });
    expect(readdirSync(join(cwd, "deploy"))).toEqual(["build"]);
    rmSync(join(cwd, "deploy/build"), { recursive: true });

    expect(await render()).toMatchObject({ code: 0 });
    const files = readdirSync(join(cwd, "deploy/build"), { recursive: true, encoding: "utf8" }).sort();
    expect(files).toEqual(["Dockerfile", "app", "app/command.mjs", "app/package.json", "app/service.mjs"]);
    const dockerfile = readFileSync(join(cwd, "deploy/build/Dockerfile"), "utf8");
    expect(dockerfile).toMatch(/^FROM node:24\.\d+\.\d+-\S+\nCOPY app \/app\nWORKDIR \/app\nUSER 1000:1000\n$/);

    appendFileSync(join(cwd, "deploy/build/app/service.mjs"), "// by hand\n");
    expect(await render("--check")).toMatchObject({ code: 1, stderr: expect.stringContaining("says: build/\n") });
    expect(await render()).toMatchObject({ code: 0 });
    expect(await render("--check")).toMatchObject({ code: 0 });
    // A clone of a repository has none, for the bundle's .gitignore leaves it out.
    rmSync(join(cwd, "deploy/build"), { recursive: true });
    expect(await render("--check")).toMatchObject({ code: 0 });
  });

  test("init-secrets.sh makes every file the compose file reads, once, in a closed folder", async () => {
    const cwd = stackFolder();
    await runCli(["render", "compose", "--out", "deploy"], { cwd });
    const folder = join(cwd, "deploy");
    const init = () => spawnSync("sh", ["init-secrets.sh"], { cwd: folder, encoding: "utf8" });
    expect(init()).toMatchObject({ status: 0, stderr: "" });
    const named = [...readFileSync(join(folder, "compose.yaml"), "utf8").matchAll(/"\.\/secrets\/(.*)"/g)];
    const wanted = named.map(([, name]) => name ?? "").sort();
    expect(wanted.length).toBeGreaterThan(0);
    const read = () => wanted.map((name) => readFileSync(join(folder, "secrets", name), "utf8"));
    const made = read();
    expect(made.every((text) => text.length >= 40)).toBe(true);
    expect(statSync(join(folder, "secrets")).mode & 0o777).toBe(0o700);
    init();
    expect(read()).toEqual(made);

    const [first = ""] = readdirSync(join(folder, "secrets/values"));
    rmSync(join(folder, "secrets/values", first));
    init();
    expect(read()).not.toEqual(made);
  });

  test.skipIf(noCompose !== "")(`is accepted by docker compose${noCompose && ` (skipped: ${noCompose})`}`, async () => {
    const cwd = stackFolder();
    await runCli(["render", "compose", "--out", "deploy"], { cwd });
    const checked = spawnSync("docker", ["compose", "config", "--quiet"], {
      cwd: join(cwd, "deploy"),
      encoding: "utf8",
    });
    expect(checked).toMatchObject({ status: 0, stderr: "" });
  });
});

test("a target that is not built says so", async () => {
  const cwd = stackFolder();
  expect(await runCli(["render", "k8s"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("E_NOT_IMPLEMENTED"),
  });
});

const noAlertmanager = spawnSync("prometheus-alertmanager", ["--version"]).status === 0 ? "" : "it is not installed";

test.skipIf(noAlertmanager !== "")(
  `an Alertmanager that tells nobody is warned of before production${noAlertmanager && ` (skipped: ${noAlertmanager})`}`,
  async () => {
    const cwd = stackFolder({
      "stack.ts": `import { alertmanager, defineStack, Type } from "@caisson/core";
export default defineStack("told", { params: Type.Object({}), environments: { dev: {}, prod: {} } }, () => [alertmanager("alerts")]);
`,
    });
    const warning = "alerts tells nobody of alerts in prod";
    for (const verb of [["plan"], ["render", "compose", "--out", "bundle"]]) {
      expect((await runCli([...verb, "--env", "prod"], { cwd })).stderr).toMatch(
        new RegExp(`^(?:note|warning): ${warning}: give it a receiver`, "m"),
      );
      const { code, stderr } = await runCli([...verb, "--env", "dev"], { cwd });
      expect([code, stderr]).toEqual([0, expect.not.stringContaining("tells nobody")]);
    }
  },
);
