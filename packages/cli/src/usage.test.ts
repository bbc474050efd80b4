import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { exitCodes } from "./errors/exit-codes.ts";
import { catalogue } from "./catalogue.ts";
import { runCli } from "./testing/run-cli.ts";
import { tempFolder } from "./testing/temp-folder.ts";

describe("command lines that are wrong before anything is looked at", () => {
  const cases: readonly (readonly [line: string, exit: number, code: string, says: string])[] = [
    ["upp", 2, "E_USAGE", "Did you mean up?"],
    ["staus", 2, "E_USAGE", "Did you mean status?"],
    ["deploy", 2, "E_USAGE", "`caisson --help` lists the verbs"],
    ["''", 2, "E_USAGE", 'no verb ""'],
    ["--nope", 2, "E_USAGE", "no verb is given, only --nope"],
    ["-f stack.ts", 2, "E_USAGE", "no verb is given"],
    ["--nope up", 2, "E_USAGE", "no flag --nope"],
    ["up --detatch", 2, "E_USAGE", "Did you mean --detach?"],
    ["up --detach=1", 2, "E_USAGE", "--detach takes no value"],
    ["up --scale api", 2, "E_USAGE", "--scale: expected NAME=REPLICAS"],
    ["up --scale api=three", 2, "E_USAGE", "--scale: expected NAME=REPLICAS"],
    ["up --scale api=-1", 2, "E_USAGE", "--scale: expected NAME=REPLICAS"],
    ["up --scale", 2, "E_USAGE", "--scale wants a value"],
    ["up --set port", 2, "E_USAGE", "--set: expected NAME=VALUE"],
    ["up --set =1", 2, "E_USAGE", "--set: expected NAME=VALUE"],
    ["up --wait-timeout soon", 2, "E_USAGE", "--wait-timeout: expected a duration"],
    ["up --wait-timeout -1", 2, "E_USAGE", "--wait-timeout wants a value"],
    ["up --wait-timeout=-1", 2, "E_USAGE", "--wait-timeout: expected a duration"],
    ["up --without", 2, "E_USAGE", "--without wants a value"],
    ["up --format yaml", 2, "E_USAGE", "--format: expected one of table, json, jsonl"],
    ["up --env --profile x", 2, "E_USAGE", "got the flag --profile"],
    ["ps --format jsn", 2, "E_USAGE", "Did you mean json?"],
    ["logs -n many", 2, "E_USAGE", "--tail: expected a whole number"],
    ["logs --since yesterday", 2, "E_USAGE", "--since: expected a duration such as 10m, or a time"],
    ["logs --since", 2, "E_USAGE", "--since wants a value"],
    ["logs --until 2026-99-99", 2, "E_USAGE", "--until: expected"],
    ["wait --for redy", 2, "E_USAGE", "Did you mean ready?"],
    ["wait --timeout 1x", 2, "E_USAGE", "--timeout: expected a duration"],
    ["scale", 21, "E_ARGUMENT", "`caisson scale` wants NAME=REPLICAS"],
    ["scale api", 2, "E_USAGE", "expected NAME=REPLICAS"],
    ["exec", 21, "E_ARGUMENT", "`caisson exec` wants SERVICE"],
    ["exec api", 21, "E_ARGUMENT", "`caisson exec` wants a command"],
    ["exec api --", 21, "E_ARGUMENT", "`caisson exec` wants a command"],
    ["run", 21, "E_ARGUMENT", "`caisson run` wants the NAME of a command, or -- and a program"],
    ["run --", 21, "E_ARGUMENT", "`caisson run` wants"],
    ["run a b -- c", 2, "E_USAGE", 'takes one NAME, got "b" too'],
    ["run job --as api -- x", 2, "E_USAGE", "--as api is for a program of your own"],
    ["env", 21, "E_ARGUMENT", "`caisson env` wants RESOURCE"],
    ["why a b", 2, "E_USAGE", "takes one RESOURCE"],
    ["graph --format png", 2, "E_USAGE", "--format: expected one of text, mermaid, svg, json"],
    ["secret", 21, "E_ARGUMENT", "`caisson secret` wants"],
    ["secret lst", 2, "E_USAGE", "Did you mean list?"],
    ["secret get", 21, "E_ARGUMENT", "`caisson secret get` wants the NAME"],
    ["secret set a VALUE", 2, "E_USAGE", "takes at most 2"],
    ["secret list --from-file x", 2, "E_USAGE", "--from-file is for `secret set`"],
    ["sql a b", 2, "E_USAGE", "takes one STORE"],
    ["completion", 21, "E_ARGUMENT", "`caisson completion` wants SHELL"],
    ["completion tcsh", 2, "E_USAGE", "wants one of bash, zsh, fish"],
    ["help nothing", 2, "E_USAGE", 'no verb or topic "nothing"'],
    ["down --al", 2, "E_USAGE", "Did you mean --all?"],
    ["version now", 2, "E_USAGE", "takes no words"],
  ];
  test.concurrent.each(cases)("caisson %s ends with %i", async (line, exit, code, says) => {
    const args = line === "" ? [] : line.split(" ").map((word) => (word === "''" ? "" : word));
    const { code: got, stdout, stderr } = await runCli(args, { cwd: tmpdir() });
    expect({ got, stdout, stderr }).toEqual({ got: exit, stdout: "", stderr: expect.stringContaining(says) });
    expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .*\\n  hint: .*\\n$`));
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

test("with --format json an error is one line of JSON on stderr", async () => {
  const { code, stdout, stderr } = await runCli(["ps", "--format", "json", "--nope"], { cwd: tempFolder() });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: "E_USAGE",
      message: "`caisson ps` has no flag --nope",
      hint: "`caisson ps --help` lists its flags.",
      problems: [],
    },
  });
});

describe("help", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j lists every verb", async (args) => {
    const { code, stdout, stderr } = await runCli(args, { cwd: tempFolder() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const { name, summary } of catalogue)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 10)}`, "m"));
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test.each(catalogue.map(({ name }) => name))("%s --help names every flag of the verb", async (name) => {
    const verb = await catalogue.find((each) => each.name === name)?.load();
    const long = await runCli([name, "--help"], { cwd: tempFolder() });
    const short = await runCli(["help", name], { cwd: tempFolder() });
    expect(long).toEqual(short);
    expect(long).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining(`Usage: caisson ${name}`) });
    for (const flag of Object.keys(verb?.flags ?? {})) expect(long.stdout).toContain(`--${flag}`);
  });

  test("exit-codes lists them all, and so does the README", async () => {
    const { stdout } = await runCli(["help", "exit-codes"], { cwd: tempFolder() });
    for (const [code, text] of exitCodes) expect(stdout).toContain(`${String(code).padStart(3)}  ${text}`);
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/^\| (\d+) +\| (.*?) +\|$/gm)].map(([, code, text]) => [Number(code), text]);
    expect(rows).toEqual(exitCodes);
  });

  test.each([["version"], ["--version"], ["-v"]])("%s is the package's", async (word) => {
    const own = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
    const { code, stdout } = await runCli([word], { cwd: tempFolder() });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(`^caisson ${own.version} \\(Node v`) });
  });
});
