import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../supervisor/testing/real-postgres.ts";
import { startScratch } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
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
const redis = (port: number): ProbeSpec => ({ kind: "redis", host, port });
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
    for (const spec of kinds(await servers.silent())) {
      const result = await probe(spec, fast);
      expect(result).toMatchObject({ ok: false, detail: "no answer within 150 ms" });
      expect(result.ms).toBeGreaterThanOrEqual(140);
    }
  });

  test("is red when the connection is closed, or the answer is of another protocol", async () => {
    for (const spec of kinds(await servers.answering([]))) expect((await probe(spec)).ok).toBe(false);
    for (const spec of kinds(await servers.answering(["SSH-2.0-OpenSSH_9.2\r\n"])))
      expect((await probe(spec)).ok).toBe(false);
    for (const spec of kinds(await servers.answering([Buffer.alloc(100_000, 82)])))
      expect((await probe(spec)).ok).toBe(false);
    const silentAfter = await servers.answering(["R\0\0\0\x04", "R\0\0\0\x04"], false);
    expect(await probe(postgres(silentAfter), { timeoutMs: 30_000 })).toMatchObject({
      detail: "answered, but not as PostgreSQL does",
    });
  });

  test("rejects when its caller gives up, and only then", async () => {
    for (const spec of kinds(await servers.silent())) {
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
          const port = await servers.answering([start, Buffer.from(bytes)]);
          for (const spec of kinds(port)) expect(typeof (await probe(spec)).detail).toBe("string");
        },
      ),
      { numRuns: 40 },
    );
  });
});

test("what cannot be probed is refused at once", () => {
  const make = (spec: object) => () => createProber(spec as ProbeSpec); // as JavaScript would
  expect(make({ kind: "tcp", host, port: 1 })).toThrow(
    /expected a probe of kind .*got "tcp" \(a program that hangs still accepts/,
  );
  expect(make({})).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  expect(make({ kind: "http", url: "https://x/" })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  expect(make({ kind: "http", url: "http://[" })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  expect(make({ kind: "logLine", file: "x", pattern: "(" })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  expect(make({ kind: "exec", argv: [], env: {}, cwd: "/" })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
});
