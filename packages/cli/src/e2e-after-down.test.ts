import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

test("logs are read from their files when the stack does not run; `why` tells how it ended", async () => {
  const cwd = stackFolder({ "command.mjs": "console.log('no luck'); process.exit(9);" });
  await runCli(["up", "-d"], { cwd });
  await runCli(["down"], { cwd });
  expect(await runCli(["logs", "setup"], { cwd })).toEqual({
    code: 0,
    signal: null,
    stdout: expect.stringMatching(/^(setup \| no luck\n)+$/),
    stderr: "",
  });
  expect(await runCli(["logs", "-f", "-n1", "setup"], { cwd })).toEqual({
    code: 0,
    signal: null,
    stdout: "setup | no luck\n",
    stderr: "the stack is not running: there is nothing to follow\n",
  });
  expect(await runCli(["logs", "apii"], { cwd })).toMatchObject({ code: 1, stdout: "" });
  const why = await runCli(["why", "setup"], { cwd });
  expect(why).toMatchObject({ code: 0, stderr: "the stack is not running: this is how it ended\n" });
  expect(why.stdout).toMatch(/exit code 9[^]*no luck/);
});

test("a program whose file is not there is refused before anything starts", async () => {
  const cwd = stackFolder();
  rmSync(join(cwd, "command.mjs"));
  for (const line of [["plan"], ["up", "-d"]]) {
    const { code, stdout, stderr } = await runCli(line, { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error\[E_PROGRAM_NOT_FOUND\]: /);
    expect(stderr).toMatch(/demo\/setup\/program\/main: expected a file, got command\.mjs, which does not exist/);
  }
  expect(await runCli(["health"], { cwd })).toMatchObject({ code: 7 });
});
