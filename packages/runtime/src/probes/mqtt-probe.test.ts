import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mosquittoHash } from "../secrets/encode.ts";
import { killRuns } from "../supervisor/kill-runs.ts";
import { spawnRun } from "../supervisor/spawn.ts";
import { freePort } from "../supervisor/testing/real-postgres.ts";
import { startScratch, until, type Scratch } from "../supervisor/testing/scratch.ts";
import { probe } from "./probe.ts";
import type { ProbeSpec } from "./probe-spec.ts";
import { host, startServers, type Servers } from "./testing/servers.ts";

let scratch: Scratch;
let servers: Servers;
let passwordFile: string;
beforeEach(() => {
  scratch = startScratch();
  servers = startServers();
  passwordFile = join(scratch.folder, "password");
  writeFileSync(passwordFile, "s3cret-ü\n", { mode: 0o600 });
});
afterEach(async () => {
  await servers.close();
  expect(await scratch.end()).toEqual([]);
});

const mqtt = (port: number): ProbeSpec => ({ kind: "mqtt", host, port, user: "health", passwordFile });
const acknowledged = (code: number): Buffer => Buffer.from([0x20, 2, 0, code]);

test("an accepted session is ready, and nothing else is", async () => {
  expect(await probe(mqtt(await servers.answering([acknowledged(0)])))).toMatchObject({
    ok: true,
    detail: "accepted a session",
  });
  expect(await probe(mqtt(await servers.answering([Buffer.from([0x20]), Buffer.from([2, 0, 0])])))).toMatchObject({
    ok: true,
  });
  for (const [code, detail] of [
    [3, "is not available yet"],
    [4, "refuses the user or its password"],
    [5, "does not let the user in"],
    [99, "refused a session with code 99"],
  ] as const)
    expect(await probe(mqtt(await servers.answering([acknowledged(code)])))).toMatchObject({ ok: false, detail });
  expect(await probe(mqtt(await servers.answering(["HTTP/1.1 400 Bad Request\r\n"])))).toMatchObject({
    ok: false,
    detail: "answered, but not as an MQTT broker does",
  });
  expect(await probe(mqtt(await servers.silent()), { timeoutMs: 150 })).toMatchObject({
    ok: false,
    detail: "no answer within 150 ms",
  });
});

const broker = which("mosquitto");
test.skipIf(broker === undefined)("the real one (no mosquitto here when skipped)", async () => {
  if (broker === undefined) return;
  const port = await freePort();
  const passwords = join(scratch.folder, "passwords");
  writeFileSync(passwords, `health:${mosquittoHash("s3cret-ü", Buffer.alloc(12, 7), 1000)}\n`, { mode: 0o600 });
  const config = join(scratch.folder, "mosquitto.conf");
  const user = process.getuid?.() === 0 ? "user root\n" : "";
  writeFileSync(config, `${user}listener ${port} ${host}\nallow_anonymous false\npassword_file ${passwords}\n`);
  const run = await spawnRun(scratch.spec([broker, "-c", config]));
  await until("Mosquitto to answer", async () => (await probe(mqtt(port))).ok);
  writeFileSync(passwordFile, "wrong\n");
  expect(await probe(mqtt(port))).toMatchObject({ ok: false, detail: "does not let the user in" });
  writeFileSync(passwordFile, "s3cret-ü\n");
  process.kill(run.childPid, "SIGSTOP");
  expect(await probe(mqtt(port), { timeoutMs: 150 })).toMatchObject({ ok: false, detail: "no answer within 150 ms" });
  process.kill(run.childPid, "SIGCONT");
  expect(await probe(mqtt(port))).toMatchObject({ ok: true });
  await killRuns([{ run }]);
  expect(await probe(mqtt(port))).toMatchObject({ ok: false, detail: expect.stringMatching(/refused/) });
});

function which(name: string): string | undefined {
  const path = `${process.env["PATH"] ?? ""}:/usr/sbin`;
  try {
    return execFileSync("/bin/sh", ["-c", 'command -v "$1"', "sh", name], {
      encoding: "utf8",
      env: { PATH: path },
    }).trim();
  } catch {
    return undefined;
  }
}
