import { execFileSync } from "node:child_process";
import { createServer as createHttpServer } from "node:http";
import type { RequestListener } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { killRuns } from "../supervisor/kill-runs.ts";
import { spawnRun } from "../supervisor/spawn.ts";
import { findPostgres, freePort, preparePostgres } from "../supervisor/testing/real-postgres.ts";
import { startScratch, until, untilFileHas } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import { terminate } from "../supervisor/terminate.ts";
import { createProber, probe } from "./probe.ts";
import type { ProbeSpec } from "./probe-spec.ts";

const host = "127.0.0.1";
let scratch: Scratch;
let servers: Server[];
let sockets: Set<Socket>;
beforeEach(() => {
  scratch = startScratch();
  servers = [];
  sockets = new Set();
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  expect(await scratch.end()).toEqual([]);
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port; // a TCP server has one
}

/** A server that answers the first bytes of each connection with the given chunks, one after the other. */
function answering(chunks: readonly (Buffer | string)[], close = true): Promise<number> {
  const server = createServer((socket) => {
    socket.once("data", async () => {
      for (const chunk of chunks) {
        await new Promise((resolve) => socket.write(chunk, resolve));
        await delay(20); // so that they are packets of their own, on a slow machine too
      }
      if (close) socket.end();
    });
  });
  return listen(server);
}

/** Accepts, and never says a word: what a bare TCP probe takes for health. */
const silent = (): Promise<number> => listen(createServer(() => undefined));
const http = async (listener: RequestListener): Promise<string> =>
  `http://${host}:${await listen(createHttpServer(listener))}/ready`;
const postgres = (port: number): ProbeSpec => ({
  kind: "postgres",
  host,
  port,
  user: "postgres",
  database: "postgres",
});
const redis = (port: number, more: { username?: string; passwordFile?: string } = {}): ProbeSpec => ({
  kind: "redis",
  host,
  port,
  ...more,
});
const fast = { timeoutMs: 150 };

describe("every kind of probe that speaks to a port", () => {
  const kinds = (port: number): readonly ProbeSpec[] => [
    { kind: "http", url: `http://${host}:${port}/` },
    postgres(port),
    redis(port),
  ];

  test("is red, with the reason, when nobody listens", async () => {
    const port = await freePort();
    for (const spec of kinds(port)) {
      expect(await probe(spec)).toMatchObject({ ok: false, detail: `connection refused at ${host}:${port}` });
    }
  });

  test("is red when the port accepts and never answers", async () => {
    for (const spec of kinds(await silent())) {
      const result = await probe(spec, fast);
      expect(result).toMatchObject({ ok: false, detail: "no answer within 150 ms" });
      expect(result.ms).toBeGreaterThanOrEqual(140);
    }
  });

  test("is red when the connection is closed, or the answer is of another protocol", async () => {
    for (const spec of kinds(await answering([]))) expect((await probe(spec)).ok).toBe(false);
    for (const spec of kinds(await answering(["SSH-2.0-OpenSSH_9.2\r\n"]))) expect((await probe(spec)).ok).toBe(false);
    for (const spec of kinds(await answering([Buffer.alloc(100_000, 82)]))) expect((await probe(spec)).ok).toBe(false);
    expect(await probe(postgres(await answering(["R\0\0\0\x04", "R\0\0\0\x04"], false)), fast)).toMatchObject({
      detail: "answered, but not as PostgreSQL does",
    });
  });

  test("rejects when its caller gives up, and only then", async () => {
    for (const spec of kinds(await silent())) {
      const giveUp = new AbortController();
      const attempt = probe(spec, { signal: giveUp.signal, timeoutMs: 60_000 });
      giveUp.abort(new Error("not wanted any more"));
      await expect(attempt).rejects.toThrow("not wanted any more");
    }
  });

  test("survives any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom("R", "E", "S", "+", "-", ""),
        async (bytes, start) => {
          const port = await answering([start, Buffer.from(bytes)]);
          for (const spec of kinds(port)) expect(typeof (await probe(spec)).detail).toBe("string");
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("http", () => {
  const says = async (status: number, body: string): Promise<unknown> =>
    probe({ kind: "http", url: await http((_, response) => response.writeHead(status).end(body)) });

  test("2xx and 3xx are ready, or what is expected", async () => {
    expect(await says(200, "")).toMatchObject({ ok: true, detail: "answered 200" });
    expect(await says(302, "")).toMatchObject({ ok: true });
    expect(await says(404, "")).toMatchObject({ ok: false, detail: "answered 404" });
    const url = await http((_, response) => response.writeHead(401).end());
    expect(await probe({ kind: "http", url, expectStatus: [200, 401] })).toMatchObject({ ok: true });
    expect(await probe({ kind: "http", url, expectStatus: [200, 299] })).toMatchObject({ ok: false });
  });

  test("a refusal is explained by what the body says", async () => {
    const reasons = [
      { name: "postgres", detail: "schema is at 3, needs 4" },
      { name: "queue", detail: "is paused" },
    ];
    expect(await says(503, JSON.stringify({ ready: false, reasons }))).toMatchObject({
      detail: "answered 503: postgres: schema is at 3, needs 4; queue: is paused",
    });
    expect(await says(503, '{"type":"about:blank","title":"Busy","detail":"the pool is used up"}')).toMatchObject({
      detail: "answered 503: the pool is used up",
    });
    expect(await says(500, "it\n  broke")).toMatchObject({ detail: "answered 500: it broke" });
    expect(await says(502, "<html><h1>Bad Gateway</h1></html>")).toMatchObject({ detail: "answered 502" });
    expect(await says(503, `{"detail": "${"x".repeat(1_000_000)}"}`)).toMatchObject({
      detail: /^answered 503: .{200}$/,
    });
  });

  test("a body without an end is not waited for", async () => {
    const url = await http((_, response) => void response.writeHead(200).write("event: x\n\n"));
    expect(await probe({ kind: "http", url }, { timeoutMs: 5000 })).toMatchObject({ ok: true });
  });

  test("each attempt has a connection of its own", async () => {
    const ports = new Set<number | undefined>();
    const url = await http((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    const prober = createProber({ kind: "http", url });
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await prober()).ok).toBe(true);
    expect(ports.size).toBe(3);
  });
});

describe("postgres", () => {
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
      await probe(postgres(await answering([error("57P03", "the database system is starting up")]))),
    ).toMatchObject({
      ok: false,
      detail: "refused: the database system is starting up (57P03)",
    });
    expect(await probe(postgres(await answering([error("53300", "sorry, too many clients already")])))).toMatchObject({
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
      cuts.map(async (cut) => probe(postgres(await answering([whole.subarray(0, cut), whole.subarray(cut)], false)))),
    );
    expect(results.filter((result) => result.detail !== "takes sessions")).toEqual([]);
  });

  const native = findPostgres();
  test.skipIf(native === undefined)(
    "the real one (not installed here when skipped): not there, ready, stopped, gone",
    async () => {
      if (native === undefined) return;
      const real = await preparePostgres(native, scratch.folder, "scram-sha-256");
      expect(await probe(postgres(real.port))).toMatchObject({ ok: false, detail: /connection refused/ });
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
      expect(await prober()).toMatchObject({ ok: false, detail: /connection refused/ });
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
      const detail = /takes sessions, but not this one: .*"later" does not exist/;
      expect(
        await probe({ kind: "postgres", host, port: real.port, user: "postgres", database: "later" }),
      ).toMatchObject({ ok: true, detail });
      expect(
        await probe({ kind: "postgres", host, port: real.port, user: "later", database: "postgres" }),
      ).toMatchObject({ ok: true, detail });
      await terminate(run, { signal: "SIGINT", graceMs: 60_000 });
      // the probe left politely
      const log = readFileSync(run.logFile, "utf8");
      expect(log).toContain("database system is shut down");
      expect(log).not.toMatch(/connection reset|unexpected EOF|could not (send|receive)/);
    },
  );
});

describe("redis", () => {
  test("PONG is ready, and nothing else is", async () => {
    expect(await probe(redis(await answering(["+PONG\r\n"])))).toMatchObject({ ok: true, detail: "answered PONG" });
    expect(await probe(redis(await answering(["+PO", "NG\r", "\n"])))).toMatchObject({ ok: true });
    expect(await probe(redis(await answering(["-LOADING Redis is loading the dataset in memory\r\n"])))).toMatchObject({
      ok: false,
      detail: "refused: LOADING Redis is loading the dataset in memory",
    });
    expect(await probe(redis(await answering(["-NOAUTH Authentication required.\r\n"])))).toMatchObject({
      ok: false,
      detail: "asks for a password, and the probe was given none",
    });
    expect(await probe(redis(await answering([":1\r\n"])))).toMatchObject({
      ok: false,
      detail: "answered, but not as Redis does",
    });
  });

  test("with a password: AUTH must be accepted too, and the password is never told", async () => {
    const passwordFile = join(scratch.folder, "password");
    writeFileSync(passwordFile, "s3cret-ü\n", { mode: 0o600 });
    expect(await probe(redis(await answering(["+OK\r\n+PONG\r\n"]), { passwordFile }))).toMatchObject({ ok: true });
    expect(await probe(redis(await answering(["+OK\r\n"], false), { passwordFile }), fast)).toMatchObject({
      ok: false,
    });
    const wrong = await probe(
      redis(await answering(["-WRONGPASS invalid username-password pair\r\n-NOAUTH x\r\n"]), { passwordFile }),
    );
    expect(wrong).toMatchObject({ ok: false, detail: "refused: WRONGPASS invalid username-password pair" });
    // it says no more after that, and is not waited for
    const silentAfter = await answering(["-WRONGPASS invalid\r\n"], false);
    expect(await probe(redis(silentAfter, { passwordFile }))).toMatchObject({ detail: "refused: WRONGPASS invalid" });
    expect(await probe(redis(await freePort(), { passwordFile: join(scratch.folder, "none") }))).toMatchObject({
      ok: false,
      detail: `not found: ${join(scratch.folder, "none")}`,
    });
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
      detail: /WRONGPASS/,
    });
    expect(await probe(redis(port))).toMatchObject({ ok: false, detail: /asks for a password/ });
    process.kill(run.childPid, "SIGSTOP");
    expect(await probe(redis(port, { passwordFile }), fast)).toMatchObject({
      ok: false,
      detail: "no answer within 150 ms",
    });
    await killRuns([{ run }]);
  });
});

describe("log line", () => {
  test("ready once a line matches, read on from where it was, over a rotation", async () => {
    const file = join(scratch.folder, "log");
    const prober = createProber({ kind: "logLine", file, pattern: "^ready on \\d+$" });
    expect(await prober()).toMatchObject({ ok: false, detail: `not found: ${file}` });
    writeFileSync(file, "starting\nnot ready on 1\nready on");
    expect(await prober()).toMatchObject({ ok: false, detail: "no line of the log matches /^ready on \\d+$/ yet" });
    truncateSync(file);
    writeFileSync(file, "x\n");
    expect((await prober()).ok).toBe(false);
    appendFileSync(file, "y".repeat(200_000).concat("\nready on"));
    expect((await prober()).ok).toBe(false);
    appendFileSync(file, " 8000\n");
    expect(await prober()).toMatchObject({ ok: true, detail: "the log says: ready on 8000" });
    truncateSync(file);
    expect((await prober()).ok).toBe(true);
    const another = createProber({ kind: "logLine", file, pattern: "up" });
    writeFileSync(file, "a long first line\n");
    expect((await another()).ok).toBe(false);
    writeFileSync(file, "up\n");
    expect((await another()).ok).toBe(true);
  });

  test("what an earlier run wrote does not count", async () => {
    const file = join(scratch.folder, "log");
    writeFileSync(file, "ready\n");
    expect((await probe({ kind: "logLine", file, pattern: "ready" })).ok).toBe(true);
    expect((await probe({ kind: "logLine", file, pattern: "ready", from: 6 })).ok).toBe(false);
  });
});

describe("exec", () => {
  const exec = (script: string, env: Record<string, string> = {}): ProbeSpec => ({
    kind: "exec",
    argv: ["/bin/sh", "-c", script],
    env: { PATH: "/usr/bin:/bin", ...env },
    cwd: scratch.folder,
  });

  test("the exit status decides, the last line explains", async () => {
    expect(await probe(exec("exit 0"))).toMatchObject({ ok: true, detail: "/bin/sh exited with 0" });
    expect(await probe(exec("echo one; echo $WORD >&2; exit 3", { WORD: "lag is 40 s" }))).toMatchObject({
      ok: false,
      detail: "/bin/sh exited with 3: lag is 40 s",
    });
    expect(await probe(exec("kill -9 $$"))).toMatchObject({ ok: false, detail: "/bin/sh was ended by SIGKILL" });
    expect(await probe({ kind: "exec", argv: ["/no/such/program"], env: {}, cwd: "/" })).toMatchObject({
      ok: false,
      detail: "not found: /no/such/program",
    });
    // a flood of output, and a child that keeps the pipes open
    expect(await probe(exec("head -c 5000000 /dev/zero; exit 0"), { timeoutMs: 30_000 })).toMatchObject({ ok: true });
  });

  test("a timeout ends the program and its children", async () => {
    const pids = join(scratch.folder, "pids");
    const script = `sleep 1000 & echo $! $$ > ${pids}; wait`;
    expect(await probe(exec(script), { timeoutMs: 1500 })).toMatchObject({
      ok: false,
      detail: "no answer within 1500 ms",
    });
    const [, one, two] = await untilFileHas(pids, /(\d+) (\d+)/);
    await until("both to be gone", () => ![one, two].some((pid) => isThere(Number(pid))));
  });

  test("many at once: at most 2 in flight, and waiting for a turn is no failure", async () => {
    const trace = join(scratch.folder, "trace");
    const script = `echo start $(date +%s%N) >> ${trace}; sleep 0.8; echo end $(date +%s%N) >> ${trace}`;
    const results = await Promise.all(Array.from({ length: 6 }, () => probe(exec(script), { timeoutMs: 1900 })));
    expect(results.map((result) => result.detail)).toEqual(Array.from({ length: 6 }, () => "/bin/sh exited with 0"));
    const events = [...readFileSync(trace, "utf8").matchAll(/(start|end) (\d+)/g)];
    const sorted = events.map(([, what, at]) => ({ what, at: Number(at) / 1e6 })).toSorted((a, b) => a.at - b.at);
    let inFlight = 0;
    for (const { what } of sorted) {
      inFlight += what === "start" ? 1 : -1;
      expect(inFlight).toBeLessThanOrEqual(2);
    }
  });

  test("quick ones start 250 ms apart", async () => {
    const start = performance.now();
    await Promise.all(Array.from({ length: 5 }, () => probe(exec("exit 0"))));
    expect(performance.now() - start).toBeGreaterThan(4 * 245);
  });

  test("who gives up while waiting for a turn takes none", async () => {
    const giveUp = new AbortController();
    const busy = [probe(exec("sleep 0.2")), probe(exec("sleep 0.2"))];
    const waiting = probe(exec("echo ran > ran"), { signal: giveUp.signal });
    giveUp.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await Promise.all(busy);
    expect((await probe(exec("test ! -e ran"))).ok).toBe(true);
  });
});

test("what cannot be probed is refused at once", () => {
  const make = (spec: object) => () => createProber(spec as ProbeSpec); // as JavaScript would
  expect(make({ kind: "tcp", host, port: 1 })).toThrow(
    /expected a probe of kind .*got "tcp" \(a program that hangs still accepts/,
  );
  expect(make({})).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  expect(make({ kind: "mqtt", host, port: 1 })).toThrow(expect.objectContaining({ code: "E_NOT_IMPLEMENTED" }));
  expect(make({ kind: "http", url: "https://x/" })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  expect(make({ kind: "http", url: "http://[" })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  expect(make({ kind: "logLine", file: "x", pattern: "(" })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  expect(make({ kind: "exec", argv: [], env: {}, cwd: "/" })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH
  }
}

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
