import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "typebox";
import { expect, onTestFinished, test } from "vitest";
import { SecretText } from "../../model/contract.ts";
import { defineProgram } from "../../model/define-program.ts";
import { command } from "../../model/job.ts";
import { secret } from "../../model/secret.ts";
import { service } from "../../model/service.ts";
import { defineStack } from "../../model/stack.ts";
import { resolveStack } from "../../resolve/resolve-stack.ts";
import { renderSwarm } from "./render-swarm.ts";

const here = { url: "file:///app/contract.ts" };
const api = defineProgram(here, "api", { config: Type.Object({ pepper: SecretText(8), limit: Type.String() }) });
const makeKey = defineProgram(here, "make-key", {
  config: Type.Object({ pepper: SecretText(8), note: Type.String() }),
});
const bill = defineProgram(here, "bill", { config: Type.Object({ account: SecretText(8) }) });

const note = `it's "$HOME" & more`;
const pepper = secret("pepper");
const { artifacts, warnings } = renderSwarm(
  resolveStack(
    defineStack("shop", [
      service(api, { config: { pepper, limit: "5" } }),
      command(makeKey, { config: { pepper, note } }),
      command(bill, { config: { account: secret("account") } }),
    ]),
  ),
  { reference: "shop:1", root: "/app", builtins: {} },
);

/** The Engine's client with one container, of the service that is asked for: the one in which a command's words are run. */
const client = `#!/bin/sh
case "$1 $*" in
  "ps "*com.docker.swarm.service.name=shop-dev_api*) echo "$RUNS" ;;
  "exec exec -i a1 "*) shift 3; LIMIT=5 exec "$@" ;;
  *) echo "unexpected: docker $*" >&2; exit 1 ;;
esac
`;

function run(runs: string, ...words: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "swarm-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = artifacts.find(({ path }) => path === "run.sh")?.text ?? "";
  for (const [name, text] of [
    ["run.sh", script],
    ["docker", client],
    ["node", `#!/bin/sh\nprintf '%s\n' "\${LIMIT-none}" "$NOTE" "$@"\n`],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  const env = { PATH: `${folder}:/usr/bin:/bin`, RUNS: runs };
  return spawnSync("sh", [join(folder, "run.sh"), ...words], { env, encoding: "utf8" });
}

test("a command is run in a service that has its files, in its own environment, with its words as they are", () => {
  const { stdout, stderr } = run("a1", "make-key", "--tenant", "a b", "$x'");
  expect([stderr, stdout.split("\n")]).toEqual([
    "",
    ["none", note, expect.stringMatching(/^\/app\//), "--tenant", "a b", "$x'", ""],
  ]);
});

test("what cannot be run is said: no task on this node, a command that nobody knows, one that no service can hold", () => {
  expect(run("", "make-key")).toMatchObject({ status: 1, stderr: expect.stringContaining("api does not run on this") });
  expect(run("a1", "bill")).toMatchObject({ status: 2, stderr: "expected a command (make-key), got 'bill'\n" });
  expect(run("a1")).toMatchObject({ status: 2, stderr: "expected a command (make-key), got ''\n" });
  expect(warnings).toContain("bill is left out: a stack file runs no command, and no service has all that it reads");
});
