import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

const value = "what/is supplied: 'quoted' \"twice\"";

/** Every file below a folder, by its path there. */
function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("secret export", () => {
  test("fills the folder that a bundle reads, tells no value, and what was not supplied first", async () => {
    const cwd = stackFolder();
    const run = (line: string, input = "") => runCli([...line.split(" "), "--profile", "extra"], { cwd, input });
    await run("render compose --out deploy");
    const folder = join(cwd, "deploy/secrets");
    expect(await run("secret export deploy/secrets")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error\[E_SECRET_MISSING\].*\n {2}hint: .*\n {8}caisson secret set more-key/),
    });
    expect(existsSync(folder)).toBe(false);

    await run("secret set more-key", value);
    const exported = await run("secret export deploy/secrets");
    expect(exported).toMatchObject({ code: 0, stderr: "" });
    const files = filesOf(folder);
    const key = (await run("secret get api-key -y")).stdout.trimEnd();
    expect(files).toEqual({
      "api.key": key,
      "more.key": value,
      "values/api-key": key,
      "values/more-key": value,
      "worker.key": key,
    });
    const named = [...readFileSync(join(cwd, "deploy/compose.yaml"), "utf8").matchAll(/"\.\/secrets\/(.*)"/g)];
    expect(named.map(([, name]) => name)).toEqual(["api.key", "more.key", "worker.key"]);
    expect(exported.stdout).not.toContain(key);
    // The folder keeps others out; the engine shows its files to users of containers as they are.
    expect(modeOf(folder)).toBe("700");
    expect(modeOf(join(folder, "api.key"))).toBe("444");
    expect(modeOf(join(folder, "values/api-key"))).toBe("600");

    // The bundle's own script, run by mistake, draws nothing new.
    execFileSync("sh", ["init-secrets.sh"], { cwd: join(cwd, "deploy") });
    expect(filesOf(folder)).toEqual(files);
  });

  test("asks before it writes into a folder with something in it, and refuses one that is open to others", async () => {
    const cwd = stackFolder();
    const run = (...more: string[]) => runCli(["secret", "export", "keys", ...more], { cwd });
    mkdirSync(join(cwd, "keys"), { mode: 0o700 });
    writeFileSync(join(cwd, "keys/mine"), "");
    expect(await run()).toMatchObject({ stdout: "", stderr: expect.stringContaining("E_CONFIRM") });
    expect(readdirSync(join(cwd, "keys"))).toEqual(["mine"]);
    expect(await run("--yes")).toMatchObject({ code: 0 });
    expect(readdirSync(join(cwd, "keys"))).toEqual(["api.key", "mine", "values", "worker.key"]);

    mkdirSync(join(cwd, "open"), { mode: 0o755 });
    expect(await runCli(["secret", "export", "open"], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("E_FOLDER_UNSAFE"),
    });
    expect(readdirSync(join(cwd, "open"))).toEqual([]);
  });

  test("writes nothing where git would take it in; a bundle is made so that it does not", async () => {
    const cwd = stackFolder();
    execFileSync("git", ["init", "--quiet"], { cwd });
    const exported = (folder: string) => runCli(["secret", "export", folder], { cwd });
    expect(await exported("deploy/secrets")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error\[E_SECRET_EXPOSED\].*is not ignored/),
    });
    expect(existsSync(join(cwd, "deploy"))).toBe(false);
    await runCli(["render", "compose", "--out", "deploy"], { cwd });
    expect(await exported("deploy/secrets")).toMatchObject({ code: 0 });

    // What is tracked is taken in, ignored or not.
    execFileSync("git", ["add", "--force", "deploy/secrets/api.key"], { cwd });
    expect(await exported("deploy/secrets")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("E_SECRET_EXPOSED"),
    });
  });
});
