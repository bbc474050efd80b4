import { chownSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newAuthority, newCertificate } from "../secrets/certificate.ts";
import { spawnRun } from "../supervisor/spawn.ts";
import { findPostgres, preparePostgres } from "../supervisor/testing/real-postgres.ts";
import { startScratch, until, untilFileHas } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import { terminate } from "../supervisor/terminate.ts";
import { createProber, probe } from "./probe.ts";
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

const postgres = (port: number): ProbeSpec => ({
  kind: "postgres",
  host,
  port,
  user: "postgres",
  database: "postgres",
});
const fast = { timeoutMs: 150 };

const message = (type: string, body: Buffer | string): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
};
const error = (state: string, text: string): Buffer =>
  message("E", `SFATAL\0VFATAL\0C${state}\0M${text}\0Fpostmaster.c\0\0`);

test("a server that is starting up, shutting down or full is red, in its own words", async () => {
  expect(
    await probe(postgres(await servers.answering([error("57P03", "the database system is starting up")]))),
  ).toMatchObject({
    ok: false,
    detail: "refused: the database system is starting up (57P03)",
  });
  expect(
    await probe(postgres(await servers.answering([error("53300", "sorry, too many clients already")]))),
  ).toMatchObject({
    ok: false,
  });
});

test("however the answer is cut into packets, it says the same", async () => {
  const whole = Buffer.concat([
    message("R", Buffer.alloc(4)),
    message("S", "server_version\x0018.4\0"),
    message("K", Buffer.alloc(8)),
    message("Z", "I"),
  ]);
  const cuts = Array.from({ length: whole.length }, (_, cut) => cut);
  const results = await Promise.all(
    cuts.map(async (cut) =>
      probe(postgres(await servers.answering([whole.subarray(0, cut), whole.subarray(cut)], false))),
    ),
  );
  expect(results.filter((result) => result.detail !== "takes sessions")).toEqual([]);
});

const native = findPostgres();
test.skipIf(native === undefined)(
  "the real one (not installed here when skipped): not there, ready, stopped, gone",
  async () => {
    if (native === undefined) return;
    const real = await preparePostgres(native, scratch.folder, "scram-sha-256");
    expect(await probe(postgres(real.port))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/connection refused/),
    });
    const run = await spawnRun(scratch.spec([], real.server));
    const prober = createProber(postgres(real.port));
    const seen = new Set<string>();
    await until("PostgreSQL to be ready", async () => {
      const result = await prober();
      seen.add(result.detail);
      return result.ok;
    });
    expect([...seen].at(-1)).toBe("takes sessions, asks to authenticate");
    // a bare connection is green on a stopped server; the protocol is not
    process.kill(run.childPid, "SIGSTOP");
    await new Promise<void>((resolve) =>
      connect(real.port, host, function connected(this: Socket) {
        this.destroy();
        resolve();
      }),
    );
    expect(await prober(fast)).toMatchObject({ ok: false, detail: "no answer within 150 ms" });
    process.kill(run.childPid, "SIGCONT");
    expect(await prober({ timeoutMs: 20_000 })).toMatchObject({ ok: true });
    expect(await terminate(run, { signal: "SIGINT", graceMs: 60_000 })).toMatchObject({ exit: { code: 0 } });
    expect(await prober()).toMatchObject({ ok: false, detail: expect.stringMatching(/connection refused/) });
    // whoever reads the log at night is not to be alarmed by us
    expect(readFileSync(run.logFile, "utf8")).not.toMatch(/expected SASL response|incomplete startup packet/);
  },
);

test.skipIf(native === undefined)(
  "the real one without passwords (not installed here when skipped): a database that is not there yet",
  async () => {
    if (native === undefined) return;
    const real = await preparePostgres(native, scratch.folder, "trust");
    const run = await spawnRun(scratch.spec([], real.server));
    await untilFileHas(run.logFile, /ready to accept connections/);
    expect(await probe(postgres(real.port))).toMatchObject({ ok: true, detail: "takes sessions" });
    const detail: unknown = expect.stringMatching(/takes sessions, but not this one: .*"later" does not exist/);
    expect(await probe({ kind: "postgres", host, port: real.port, user: "postgres", database: "later" })).toMatchObject(
      { ok: true, detail },
    );
    expect(await probe({ kind: "postgres", host, port: real.port, user: "later", database: "postgres" })).toMatchObject(
      { ok: true, detail },
    );
    await terminate(run, { signal: "SIGINT", graceMs: 60_000 });
    // the probe left politely
    const log = readFileSync(run.logFile, "utf8");
    expect(log).toContain("database system is shut down");
    expect(log).not.toMatch(/connection reset|unexpected EOF|could not (send|receive)/);
  },
);

test.skipIf(native === undefined)(
  "the real one through TLS (not installed here when skipped): of that authority, for that name, and not in the clear",
  async () => {
    if (native === undefined) return;
    const real = await preparePostgres(native, scratch.folder, "scram-sha-256");
    const file = (name: string, text: string): string => {
      const path = join(scratch.folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      if (real.server.uid !== undefined) chownSync(path, real.server.uid, real.server.gid ?? 0);
      return path;
    };
    const authority = newAuthority("test", Date.now());
    const pem = file("tls.pem", newCertificate(authority, ["db", "127.0.0.1"], Date.now()));
    writeFileSync(join(real.dataDir, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    const tls = ["ssl=on", `ssl_cert_file=${pem}`, `ssl_key_file=${pem}`].flatMap((line) => ["-c", line]);
    const run = await spawnRun(scratch.spec([], { ...real.server, argv: [...real.server.argv, ...tls] }));
    await untilFileHas(run.logFile, /ready to accept connections/);

    const trusted = { authorityFile: file("authority.crt", authority) };
    const strange = { authorityFile: file("other.crt", newAuthority("test", Date.now())) };
    const asked = (how: { readonly name: string; readonly authorityFile?: string }, options = {}) =>
      probe({ kind: "postgres", host, port: real.port, user: "postgres", database: "postgres", tls: how }, options);
    const ready = { ok: true, detail: "takes sessions, asks to authenticate" };
    for (const name of ["db", "127.0.0.1"]) expect(await asked({ name, ...trusted })).toMatchObject(ready);
    expect(await asked({ name: "db" })).toMatchObject(ready);
    expect(await asked({ name: "other", ...trusted })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/does not match|altnames/),
    });
    const { ok, detail } = await asked({ name: "db", ...strange });
    expect([ok, detail]).toEqual([false, "its certificate is of another authority"]);
    process.kill(run.childPid, "SIGSTOP");
    expect(await asked({ name: "db" }, fast)).toMatchObject({ ok: false, detail: "no answer within 150 ms" });
    process.kill(run.childPid, "SIGCONT");
    expect(await asked({ name: "db", ...trusted }, { timeoutMs: 20_000 })).toMatchObject(ready);
    await terminate(run, { signal: "SIGINT", graceMs: 60_000 });
    expect(await asked({ name: "db" })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/connection refused/),
    });
    // Neither a handshake that was broken off by us nor a session that was not begun alarms whoever reads the log.
    expect(readFileSync(run.logFile, "utf8")).not.toMatch(/unexpected eof|incomplete startup packet|connection reset/i);
  },
);

test("a server that does not speak TLS is told from one that is no PostgreSQL", async () => {
  const asked = async (answer: string) =>
    probe({ ...postgres(await servers.answering([Buffer.from(answer)])), tls: { name: "db" } } as ProbeSpec);
  expect(await asked("N")).toMatchObject({ ok: false, detail: "it does not speak TLS" });
  expect(await asked("H")).toMatchObject({ ok: false, detail: "answered, but not as PostgreSQL does" });
});
