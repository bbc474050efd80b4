import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { killRuns } from "../supervisor/kill-runs.ts";
import { spawnRun } from "../supervisor/spawn.ts";
import { freePort } from "../supervisor/testing/real-postgres.ts";
import { startScratch, until } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import { probe } from "./probe.ts";
import type { ProbeSpec } from "./probe-spec.ts";
import { host, startServers } from "./testing/servers.ts";
import type { Servers } from "./testing/servers.ts";

let scratch: Scratch;
let servers: Servers;
beforeEach(() => {
  scratch = startScratch();
  servers = startServers();
});
afterEach(async () => {
  await servers.close();
  expect(await scratch.end()).toEqual([]);
});

const redis = (
  port: number,
  more: { username?: string; passwordFile?: string; cluster?: boolean } = {},
): ProbeSpec => ({
  kind: "redis",
  host,
  port,
  ...more,
});
const fast = { timeoutMs: 150 };

test("PONG is ready, and nothing else is", async () => {
  expect(await probe(redis(await servers.answering(["+PONG\r\n"])))).toMatchObject({
    ok: true,
    detail: "answered PONG",
  });
  expect(await probe(redis(await servers.answering(["+PO", "NG\r", "\n"])))).toMatchObject({ ok: true });
  expect(
    await probe(redis(await servers.answering(["-LOADING Redis is loading the dataset in memory\r\n"]))),
  ).toMatchObject({
    ok: false,
    detail: "refused: LOADING Redis is loading the dataset in memory",
  });
  expect(await probe(redis(await servers.answering(["-NOAUTH Authentication required.\r\n"])))).toMatchObject({
    ok: false,
    detail: "asks for a password, and the probe was given none",
  });
  expect(await probe(redis(await servers.answering([":1\r\n"])))).toMatchObject({
    ok: false,
    detail: "answered, but not as Redis does",
  });
});

test("with a password: AUTH must be accepted too, and the password is never told", async () => {
  const passwordFile = join(scratch.folder, "password");
  writeFileSync(passwordFile, "s3cret-ü\n", { mode: 0o600 });
  expect(await probe(redis(await servers.answering(["+OK\r\n+PONG\r\n"]), { passwordFile }))).toMatchObject({
    ok: true,
  });
  expect(await probe(redis(await servers.answering(["+OK\r\n"], false), { passwordFile }), fast)).toMatchObject({
    ok: false,
  });
  const wrong = await probe(
    redis(await servers.answering(["-WRONGPASS invalid username-password pair\r\n-NOAUTH x\r\n"]), { passwordFile }),
  );
  expect(wrong).toMatchObject({ ok: false, detail: "refused: WRONGPASS invalid username-password pair" });
  // it says no more after that, and is not waited for
  const silentAfter = await servers.answering(["-WRONGPASS invalid\r\n"], false);
  expect(await probe(redis(silentAfter, { passwordFile }))).toMatchObject({ detail: "refused: WRONGPASS invalid" });
  expect(await probe(redis(await freePort(), { passwordFile: join(scratch.folder, "none") }))).toMatchObject({
    ok: false,
    detail: `not found: ${join(scratch.folder, "none")}`,
  });
});

test("a node of a cluster is ready when every slot is served", async () => {
  const ask = async (...chunks: string[]) => probe(redis(await servers.answering(chunks), { cluster: true }));
  expect(await ask("+PONG\r\n$40\r\nclus", "ter_state:ok\r\ncluster_slots_assigned:16384\r\n\r\n")).toMatchObject({
    ok: true,
  });
  expect(await ask("+PONG\r\n", "$40\r\ncluster_state:fail\r\ncluster_slots_assigned:0\r\n\r\n")).toMatchObject({
    ok: false,
    detail: "not all slots are served: cluster_state:fail",
  });
  expect(await ask("+PONG\r\n-ERR This instance has cluster support disabled\r\n")).toMatchObject({
    ok: false,
    detail: expect.stringContaining("cluster support disabled"),
  });
  expect(await ask("-LOADING the dataset\r\n")).toMatchObject({ ok: false, detail: "refused: LOADING the dataset" });
});

const server = findProgram(["valkey-server", "redis-server"]);
test.skipIf(server === undefined)("the real one (no valkey-server or redis-server here when skipped)", async () => {
  if (server === undefined) return;
  const port = await freePort();
  const passwordFile = join(scratch.folder, "password");
  writeFileSync(passwordFile, "s3cret\n", { mode: 0o600 });
  const config = join(scratch.folder, "redis.conf");
  writeFileSync(config, `port ${port}\nbind ${host}\nrequirepass s3cret\nsave ""\ndir ${scratch.folder}\n`);
  const run = await spawnRun(scratch.spec([server, config]));
  await until("Redis to answer", async () => (await probe(redis(port, { passwordFile }))).ok);
  expect(await probe(redis(port, { passwordFile, username: "default" }))).toMatchObject({ ok: true });
  expect(await probe(redis(port, { passwordFile, username: "nobody" }))).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/WRONGPASS/),
  });
  expect(await probe(redis(port))).toMatchObject({ ok: false, detail: expect.stringMatching(/asks for a password/) });
  process.kill(run.childPid, "SIGSTOP");
  expect(await probe(redis(port, { passwordFile }), fast)).toMatchObject({
    ok: false,
    detail: "no answer within 150 ms",
  });
  await killRuns([{ run }]);
});

function findProgram(names: readonly string[]): string | undefined {
  for (const name of names) {
    try {
      return execFileSync("/bin/sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim();
    } catch {
      // not this one
    }
  }
  return undefined;
}
