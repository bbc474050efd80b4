import { afterEach, beforeEach, expect, test } from "vitest";
import { startScratch } from "../supervisor/testing/scratch.ts";
import type { Scratch } from "../supervisor/testing/scratch.ts";
import { createProber, probe } from "./probe.ts";
import { startServers } from "./testing/servers.ts";
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

const says = async (status: number, body: string): Promise<unknown> =>
  probe({ kind: "http", url: await servers.http((_, response) => response.writeHead(status).end(body)) });

test("2xx and 3xx are ready, or what is expected", async () => {
  expect(await says(200, "")).toMatchObject({ ok: true, detail: "answered 200" });
  expect(await says(302, "")).toMatchObject({ ok: true });
  expect(await says(404, "")).toMatchObject({ ok: false, detail: "answered 404" });
  const url = await servers.http((_, response) => response.writeHead(401).end());
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
    detail: expect.stringMatching(/^answered 503: .{200}$/),
  });
});

test("a body without an end is not waited for", async () => {
  const url = await servers.http((_, response) => void response.writeHead(200).write("event: x\n\n"));
  expect(await probe({ kind: "http", url }, { timeoutMs: 5000 })).toMatchObject({ ok: true });
});

test("each attempt has a connection of its own", async () => {
  const ports = new Set<number | undefined>();
  const url = await servers.http((request, response) => {
    ports.add(request.socket.remotePort);
    response.end();
  });
  const prober = createProber({ kind: "http", url });
  for (let attempt = 0; attempt < 3; attempt += 1) expect((await prober()).ok).toBe(true);
  expect(ports.size).toBe(3);
});
