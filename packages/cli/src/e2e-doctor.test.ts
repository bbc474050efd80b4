import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { tempFolder } from "./testing/temp-folder.ts";

describe("doctor", () => {
  test("tells what it found as JSON, and fails only for what fails", async () => {
    const cwd = stackFolder();
    const ended = await runCli(["doctor", "--format", "json"], { cwd });
    const { checks, summary } = JSON.parse(ended.stdout) as {
      checks: { category: string; name: string; status: string; message: string; fix: string }[];
      summary: Record<string, number>;
    };
    const find = (name: string) => checks.find((check) => check.name === name);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(summary).toEqual({
      passed: checks.filter((check) => check.status === "pass").length,
      warnings: checks.filter((check) => check.status === "warning").length,
      failed: 0,
    });
    expect(find("node")).toEqual({
      category: "machine",
      name: "node",
      status: "pass",
      message: `Node ${process.version}`,
      fix: "",
    });
    expect(find("plan")).toMatchObject({ category: "stack", status: "pass" });
    expect(find("agent")).toMatchObject({ message: "not running" });
    for (const check of checks) expect(check.fix === "").toBe(check.status === "pass" || check.name === "ports");

    const broken = await runCli(["doctor"], { cwd: stackFolder({ "stack.ts": "export default 1;" }) });
    expect(broken).toMatchObject({ code: 1, stderr: "" });
    expect(broken.stdout).toMatch(/^fail {5}stack\/definition: .*got a value of type number\n {9}fix: Write/m);
    const wanting = await runCli(["doctor"], {
      cwd: stackFolder({
        "stack.ts": readFileSync(join(cwd, "stack.ts"), "utf8")
          .replace('profile("extra", [', "[")
          .replace(/\]\),\n {2}\];/, "],\n  ];"),
      }),
    });
    expect(wanting).toMatchObject({ code: 1 });
    expect(wanting.stdout).toMatch(
      /^fail {5}stack\/secrets: missing: more-key\n {9}fix: caisson secret set more-key$/m,
    );
  });
});

describe("completion", () => {
  const complete = async (cwd: string, ...words: readonly string[]): Promise<string[]> => {
    const script = (await runCli(["completion", "bash"], { cwd })).stdout;
    writeFileSync(join(cwd, "script.sh"), script);
    const bin = join(cwd, "bin");
    mkdirSync(bin, { recursive: true });
    const launcher = join(import.meta.dirname, "../bin/caisson.cjs");
    writeFileSync(join(bin, "caisson"), `#!/bin/sh\nexec '${process.execPath}' -- '${launcher}' "$@"\n`, {
      mode: 0o755,
    });
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const run = `source script.sh; COMP_WORDS=(caisson ${quoted}); COMP_CWORD=${words.length}; _caisson; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, XDG_CACHE_HOME: join(cwd, ".cache") };
    return execFileSync("bash", ["-c", run], { cwd, env, encoding: "utf8" }).split("\n").filter(Boolean);
  };

  test("in bash knows verbs, flags, choices and the names of resources", async () => {
    const cwd = stackFolder();
    expect(await complete(cwd, "rest")).toEqual(["restart"]);
    expect(await complete(cwd, "up", "--wa")).toEqual(["--wait", "--wait-timeout", "--watch"]);
    expect(await complete(cwd, "wait", "--for", "")).toEqual(["ready", "started", "completed", "stopped"]);
    expect(await complete(cwd, "secret", "")).toEqual(expect.arrayContaining(["list", "set", "get", "reset"]));
    await runCli(["up", "-d"], { cwd });
    expect(await complete(cwd, "logs", "w")).toEqual(["worker"]);
    expect(await complete(cwd, "-f", "stack.ts", "restart", "a")).toEqual(["api"]);
  });

  test.each(["zsh", "fish"])("for %s names every verb", async (shell) => {
    const { stdout } = await runCli(["completion", shell], { cwd: tempFolder() });
    for (const verb of ["up", "down", "logs", "secret"]) expect(stdout).toContain(verb);
    expect(stdout).toContain("caisson ps -q");
  });
});
