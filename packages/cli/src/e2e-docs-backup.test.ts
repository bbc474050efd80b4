import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { commandsIn } from "./testing/commands-in.ts";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { withoutImages } from "./testing/without-images.ts";

const docker = new Docker();
const images = ["postgres:18.6-trixie", "valkey/valkey:9.1.4-trixie", "busybox:1.37.0-musl"];
const noEngine = await withoutImages(...images);
const noTools =
  ["/usr/lib/postgresql/15/bin/postgres", "/usr/lib/postgresql/15/bin/pg_dump", "redis-cli"].find(
    (program) => spawnSync(program, ["--version"]).status !== 0,
  ) ?? "";

const launcher = fileURLToPath(new URL("../bin/caisson.cjs", import.meta.url));

/** What people do with the documents of a stack: look a row up, and have a shell run what is in it. */
async function documented(name: string, parts: string) {
  const cwd = stackFolder({
    "stack.ts": `import { container, defineStack, postgres, redis } from "@caisson/core";
export default defineStack("${name}", [${parts}]);
`,
  });
  const bin = join(cwd, "caisson");
  writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`);
  chmodSync(bin, 0o755);
  const env = {
    PATH: `${cwd}:/usr/lib/postgresql/15/bin:${process.env["PATH"]}`,
    HOME: process.env["HOME"],
    DOCKER_HOST: process.env["DOCKER_HOST"],
    XDG_CACHE_HOME: join(cwd, ".cache"),
  };
  const shell = (command: string): string => {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { cwd, env, encoding: "utf8" });
    expect([command, status, status === 0 ? "" : stdout + stderr]).toEqual([command, 0, ""]);
    return stdout;
  };
  expect(await runCli(["docs", "--out", "handbook"], { cwd })).toMatchObject({ code: 0 });
  const markdown = readFileSync(join(cwd, "handbook/README.md"), "utf8");
  /** The commands of the row of a volume: those that save it, those that put it back. */
  const copies = (of: string, where: string): readonly string[][] => {
    const row = markdown.split("\n").find((line) => line.startsWith(`| ${of} | ${where} |`)) ?? "";
    return row
      .split(" | ")
      .slice(2)
      .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, command = ""]) => command));
  };
  return { cwd, shell, markdown, copies };
}

const rows = "select string_agg(n::text, ',') as all from t";

test.skipIf(noTools !== "")(
  `of stores on a host are taken, and put back, as the documents say${noTools && ` (skipped: no ${noTools})`}`,
  { timeout: 300_000 },
  async () => {
    const { cwd, shell, copies } = await documented(
      "kept",
      'postgres("main-db", { version: 15, port: 15432 }), redis("queue", { role: "queue", port: 16379 })',
    );
    shell("caisson up -d --wait");
    shell("caisson sql main-db -c 'create table t (n int); insert into t values (1), (2)'");
    const [save = [], restore = []] = copies("main-db data", "a host");
    save.forEach(shell);
    shell("caisson sql main-db -c 'delete from t; insert into t values (9)'");
    restore.forEach(shell);
    expect(shell(`caisson sql main-db -c "${rows}" --format jsonl`)).toBe('{"all":"1,2"}\n');

    shell(
      `caisson run -- sh -c 'REDISCLI_AUTH="$(cat $QUEUE_PASSWORD_FILE)" redis-cli -p "$QUEUE_PORT" set kept-key value'`,
    );
    copies("queue data", "a host")[0]?.forEach(shell);
    expect(readFileSync(join(cwd, "queue.rdb"), "latin1")).toMatch(/^REDIS\d{4}[^]*kept-key/);
  },
);

test.skipIf(noEngine !== "")(
  `of stores in containers are taken, and put back, after a first start as the documents say${noEngine && ` (skipped: ${noEngine})`}`,
  { timeout: 300_000 },
  async () => {
    const name = `kept-${randomUUID().slice(0, 8)}`;
    onTestFinished(async () => {
      for (const { Id } of await docker.listImages({ filters: { reference: [`caisson/${name}`] } }))
        await docker.getImage(Id).remove({ force: true });
    });
    const { cwd, shell, markdown, copies } = await documented(
      name,
      `postgres("main-db", { port: 15432 }), redis("queue", { role: "queue", port: 16379 }),
      container("box", { image: "busybox:1.37.0-musl", command: ["sh", "-c", "echo up; exec sleep 1000"],
        volumes: { files: "/files" }, probe: { kind: "log-line", pattern: "up" } })`,
    );
    const first = commandsIn(markdown).filter((command) => /^caisson (build|images)$|--target docker/.test(command));
    expect(first).toEqual(["caisson build", "caisson up -d --wait --target docker", "caisson images"]);
    first.forEach(shell);
    shell("caisson sql main-db -c 'create table t (n int); insert into t values (1), (2)'");
    shell(`caisson exec queue -- sh -c 'REDISCLI_AUTH="$(cat /run/secrets/password)" valkey-cli set kept-key value'`);
    shell("caisson exec box -- sh -c 'echo before > /files/note'");

    const all = ["main-db data", "queue data", "box files"].map((of) => copies(of, "containers"));
    for (const [save] of all) save?.forEach(shell);
    shell("caisson sql main-db -c 'delete from t; insert into t values (9)'");
    shell("caisson wait box");
    shell("caisson exec box -- sh -c 'echo after > /files/note; echo more > /files/later'");
    for (const [, restore] of all) restore?.forEach(shell);

    expect(shell(`caisson sql main-db -c "${rows}" --format jsonl`)).toBe('{"all":"1,2"}\n');
    expect(readFileSync(join(cwd, "queue.rdb"), "latin1")).toMatch(/^REDIS\d{4}[^]*kept-key/);
    shell("caisson wait box");
    expect(shell("caisson exec box -- sh -c 'cat /files/*'")).toBe("before\n");
  },
);
