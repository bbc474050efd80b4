import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runCli, startCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

describe("programs", () => {
  test("of a service's environment, and of the caller's with wiring", async () => {
    const cwd = stackFolder();
    await runCli(["up", "-d"], { cwd });
    const env = await runCli(["env", "api", "--format", "json"], { cwd });
    const shown = JSON.parse(env.stdout) as Record<string, string>;
    expect(shown).toMatchObject({ GREETING: "hello", KEY_FILE: expect.stringMatching(/^\//) });
    const key = readFileSync(shown["KEY_FILE"] ?? "", "utf8");
    expect(env.stdout).not.toContain(key);

    const exec = await runCli(["exec", "api", "--", "sh", "-c", 'echo "$GREETING $MINE"; exit 5'], {
      cwd,
      env: { MINE: "mine" },
    });
    expect(exec).toMatchObject({ code: 5, stdout: "hello \n", stderr: "" });
    const as = await runCli(["run", "--as", "api", "--", "sh", "-c", 'echo "$GREETING $MINE"; pwd'], {
      cwd,
      env: { MINE: "mine" },
    });
    expect(as).toMatchObject({ code: 0, stdout: `hello mine\n${cwd}\n` });
    const wired = await runCli(["run", "--", "sh", "-c", "echo $API_URL"], { cwd });
    expect(wired.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);

    expect(await runCli(["exec", "api", "--", "no-such-program"], { cwd })).toMatchObject({
      code: 127,
      stderr: expect.stringMatching(/^error\[E_PROGRAM_NOT_FOUND\]/),
    });
    expect(await runCli(["exec", "api", "--", "/etc/passwd"], { cwd })).toMatchObject({
      code: 126,
      stderr: expect.stringMatching(/^error\[E_PROGRAM_NOT_EXECUTABLE\]/),
    });
    expect(await runCli(["exec", "api", "--", "sh", "-c", "kill -9 $$"], { cwd })).toMatchObject({ code: 137 });
    expect(await runCli(["run", "api"], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("api is a service, expected a command, a job or a schedule"),
    });
    const tool = await runCli(["run", "setup", "--", "4", "x"], { cwd });
    expect(tool.code).toBe(4);
    expect(JSON.parse(tool.stdout)).toEqual({ args: ["4", "x"], greeting: "hello", cwd });
  });

  test("of a command resource, which `up` does not start", async () => {
    const cwd = stackFolder();
    await runCli(["up", "-d"], { cwd });
    const greet = await runCli(["run", "greet", "--", "0", "--dashed"], { cwd });
    expect(greet).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(greet.stdout)).toMatchObject({ args: ["0", "--dashed"], greeting: "hello" });
  });
});

describe("what was changed by hand", () => {
  test("is told, without what a file holds, and a restart makes it anew", async () => {
    const cwd = stackFolder();
    await runCli(["up", "-d"], { cwd });
    expect(await runCli(["diff"], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("nothing differs"),
    });
    const { stdout } = await runCli(["env", "api", "--format", "json"], { cwd });
    const { KEY_FILE: file = "" } = JSON.parse(stdout) as { readonly KEY_FILE?: string };
    writeFileSync(file, "mine");
    const differs = await runCli(["diff"], { cwd });
    expect(differs).toMatchObject({
      code: 19,
      stdout: expect.stringMatching(/api\/0 +file key +as it was written +changed/),
    });
    expect(differs.stdout).not.toContain("mine");
    rmSync(file);
    expect((await runCli(["diff", "--format", "jsonl"], { cwd })).stdout).toContain('"got":"missing"');
    await runCli(["restart", "api"], { cwd });
    await runCli(["wait", "api"], { cwd });
    expect(await runCli(["diff", "api"], { cwd })).toMatchObject({ code: 0 });
  });
});

describe("logs", () => {
  test("are merged, cut, filtered, and end quietly when nobody reads on", async () => {
    const cwd = stackFolder();
    await runCli(["up", "-d"], { cwd });
    const all = await runCli(["logs"], { cwd });
    expect(all.stdout.split("\n").toSorted()).toEqual(
      expect.arrayContaining(["api    | greeting hello", "worker | greeting hello"]),
    );
    expect((await runCli(["logs", "-n", "1", "api"], { cwd })).stdout).toMatch(
      /^api {4}\| key of \d+ characters\n$|^api \| key of \d+ characters\n$/,
    );
    expect((await runCli(["logs", "--search", "GREETING", "--no-log-prefix", "api"], { cwd })).stdout).toBe(
      "greeting hello\n",
    );
    expect((await runCli(["logs", "--since", "2999-01-01", "api"], { cwd })).stdout).toBe("");
    expect((await runCli(["logs", "-t", "-n1", "api"], { cwd })).stdout).toMatch(/\| \d{4}-\d\d-\d\dT[\d:.]+Z key of/);
    const [line = ""] = (await runCli(["logs", "--format", "json", "api"], { cwd })).stdout.split("\n");
    expect(JSON.parse(line)).toMatchObject({
      resource: "api",
      replica: 0,
      line: "greeting hello",
      timestamp: expect.any(String),
    });

    const follow = startCli(["logs", "-f", "api"], { cwd });
    await follow.says(/greeting hello/);
    await runCli(["restart", "api", "--wait"], { cwd });
    await follow.says(/draining[^]*greeting hello/);
    follow.child.kill("SIGINT");
    expect(await follow.ended).toMatchObject({ code: 130, stderr: "" });

    const piped = startCli(["logs", "-f"], { cwd });
    await piped.says(/greeting/);
    piped.child.stdout?.destroy();
    await runCli(["restart", "api"], { cwd });
    expect(await piped.ended).toMatchObject({ code: 0, stderr: "" });
  });
});
