import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandsIn, wordsOf } from "./testing/commands-in.ts";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

test("docs are written, are the same each time, and tell when they are stale", async () => {
  const cwd = stackFolder();
  const docs = (...more: string[]) => runCli(["docs", ...more], { cwd });
  expect(await docs("--check")).toMatchObject({ code: 1, stderr: expect.stringContaining("E_RENDER_STALE") });
  expect(await docs()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 files in .*\/docs\/demo\n$/) });
  expect(await docs("--check")).toMatchObject({ code: 0 });
  const readme = join(cwd, "docs/demo/README.md");
  // What a profile turns on is in it, and is not where others are named.
  expect(readFileSync(readme, "utf8")).toContain("| more |");
  expect(existsSync(join(cwd, "docs/demo/architecture.svg"))).toBe(true);
  appendFileSync(readme, "by hand\n");
  expect(await docs("--check")).toMatchObject({ code: 1, stderr: expect.stringContaining("README.md") });
});

test("every command in them runs as it stands", { timeout: 300_000 }, async () => {
  const cwd = stackFolder();
  expect(await runCli(["docs", "--out", "handbook"], { cwd })).toMatchObject({ code: 0 });
  const commands = commandsIn(readFileSync(join(cwd, "handbook/README.md"), "utf8"));
  // A name in capitals stands for one of the stack's; images are an engine's.
  const left = / [A-Z]+$|^caisson images$/;
  const whole = commands.filter((command) => !left.test(command));
  expect([whole.length > 25, commands.length - whole.length]).toEqual([true, 2]);
  // What is supplied comes first, what ends it all last.
  const rank = (command: string): number =>
    command.startsWith("caisson secret set")
      ? 0
      : command === "caisson up -d --wait"
        ? 1
        : command.startsWith("caisson down")
          ? 3
          : 2;
  writeFileSync(join(cwd, "more-key.txt"), "supplied by a test, long enough");
  for (const command of whole.toSorted((a, b) => rank(a) - rank(b))) {
    const [, ...argv] = wordsOf(command);
    const asks = argv.includes("-v") ? ["--yes"] : [];
    const { code, stdout, stderr } = await runCli([...argv, ...asks], { cwd });
    expect([command, code, code === 0 ? "" : stdout + stderr]).toEqual([command, 0, ""]);
  }
});
