import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { screen } from "./testing/screen.ts";
import { stackFolder } from "./testing/stack-folder.ts";

const launcher = join(import.meta.dirname, "../bin/caisson.cjs");

const withStore = `
import { defineStack, postgres } from "@caisson/core";
export default defineStack("demo", [postgres("db", { database: "shop", user: "shop_user" })]);
`;

/** `script` gives a program a terminal of its own; it is in util-linux. */
const hasScript = (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, "script"), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

/** A command on a terminal of 90 columns. `type` types; `says` waits for the screen to show something. */
function onTerminal(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const command = ["stty cols 90 rows 30;", "exec", process.execPath, "--", launcher, ...args].join(" ");
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      TERM: "xterm-256color",
      XDG_CACHE_HOME: join(cwd, ".cache"),
      ...env,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const shown = screen(90);
  let raw = "";
  let look = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    raw += text;
    shown.write(text);
    look();
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    ended,
    raw: () => raw,
    lines: () => shown.lines(),
    type: (text: string) => void child.stdin.write(text),
    says: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        look = () => (pattern.test(shown.lines().join("\n")) ? resolve() : undefined);
        look();
        void ended.then(() => reject(new Error(`ended without ${String(pattern)}: ${shown.lines().join("\n")}`)));
      }),
  };
}

test.runIf(hasScript)("up shows one live table, the summary and the logs; Ctrl-C twice is two steps", async () => {
  const up = onTerminal(["up"], stackFolder());
  await up.says(/worker {2}\| greeting hello|worker \| greeting hello/);
  const text = up.lines().join("\n");
  expect(text.match(/^RESOURCE +STATE +HEALTH +TIME +ADDRESS +WHY$/gm)).toHaveLength(1);
  expect(text).toMatch(/^setup +Completed +- +\d+\.\ds$/m);
  expect(text).toMatch(/^api +Running +Ready +\d+\.\ds +http:\/\/127\.0\.0\.1:\d+$/m);
  expect(text).toMatch(/^worker +Running +Ready +\d+\.\ds /m);
  expect(text).toMatch(/^OPEN +URL\napi +http/m);
  expect(text).toMatch(/^critical path /m);
  // Each picture is inside one synchronised update, and none is cleared before it is overwritten.
  expect(up.raw().split("\u001b[?2026h").length).toBe(up.raw().split("\u001b[?2026l").length);
  expect(up.raw()).not.toContain("\u001b[2J");
  up.type("\u0003");
  await up.says(/going down; Ctrl-C again kills what is left/);
  expect(await up.ended).toBe(0);
  expect(up.lines().join("\n")).toMatch(/api {2}Exited/);
});

test.runIf(hasScript)("colours, the live table and questions are for terminals, not for NO_COLOR or CI", async () => {
  const cwd = stackFolder();
  const plain = onTerminal(["up", "-d"], cwd, { NO_COLOR: "1" });
  expect(await plain.ended).toBe(0);
  expect(
    plain
      .raw()
      .split("\u001b[")
      .filter((part) => /^\d*m/.test(part)),
  ).toEqual([]);
  expect(plain.raw()).toContain("\u001b[?2026h");
  const ci = onTerminal(["restart", "api", "--wait"], cwd, { CI: "true" });
  expect(await ci.ended).toBe(0);
  const asked = onTerminal(["secret", "get", "api-key"], cwd, { CI: "true" });
  expect(await asked.ended).toBe(21);
});

test.runIf(hasScript)("a question is answered on the terminal, and a secret typed there is not shown", async () => {
  const cwd = stackFolder();
  const set = onTerminal(["secret", "set", "more-key", "--profile", "extra"], cwd);
  await set.says(/value of more-key \(not shown\):/);
  set.type("typed and long enough\r");
  expect(await set.ended).toBe(0);
  expect(set.raw()).not.toContain("typed and long enough");

  const ended = onTerminal(["secret", "set", "more-key", "--profile", "extra"], cwd);
  await ended.says(/value of more-key \(not shown\):/);
  ended.type("\u0004");
  expect(await ended.ended).toBe(1);
  expect(ended.raw()).toMatch(/E_SECRET_VALUE.*got nothing/);

  const no = onTerminal(["secret", "get", "more-key", "--profile", "extra"], cwd);
  await no.says(/Printing the value of more-key\? \[y\/N\]/);
  no.type("\r");
  expect(await no.ended).toBe(1);
  expect(no.raw()).toContain("E_DECLINED");
  expect(no.raw()).not.toContain("typed and long enough");

  const yes = onTerminal(["secret", "get", "more-key", "--profile", "extra"], cwd);
  await yes.says(/\[y\/N\]/);
  yes.type("y\r");
  expect(await yes.ended).toBe(0);
  expect(yes.lines()).toContain("typed and long enough");
});

test.runIf(hasScript)("Ctrl-C is an answer to a question, too: nothing is changed", async () => {
  const cwd = stackFolder({ "stack.ts": withStore });
  expect((await runCli(["up", "-d"], { cwd })).code).toBe(0);
  const down = onTerminal(["down", "-v"], cwd);
  await down.says(/Removing .* of data for good\? \[y\/N\]/);
  down.type("\u0003");
  expect(await down.ended).toBe(130);

  // Whatever the shell has set for other servers, psql logs in with what is the store's.
  const sql = onTerminal(["sql"], cwd, { PGPASSWORD: "another server's", PGHOSTADDR: "192.0.2.1", PAGER: "cat" });
  await sql.says(/shop=>/);
  sql.type("\\q\r");
  expect(await sql.ended).toBe(0);
});
