import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../../testing/database.ts";
import { startScriptedServer, type ScriptedServer, type Step } from "./testing/scripted-server.ts";
import { createUsageClient, type UsageClient, type UsageClientOptions } from "./usage-client.ts";
import { UsageError } from "./usage-error.ts";

let server: ScriptedServer;
let lost: { readonly id: string; readonly error: UsageError }[];
beforeEach(async () => {
  server = await startScriptedServer();
  lost = [];
});
afterEach(() => server[Symbol.asyncDispose]());

const never = 3_600_000;
const open = (options: Partial<UsageClientOptions> = {}): UsageClient =>
  createUsageClient({
    url: server.url,
    apiKey: "k",
    onLost: ({ id }, error) => lost.push({ id, error }),
    flushMs: never,
    retry: { minMs: 1, maxMs: 20 },
    ...options,
  });
const call = { service_provider: "openai", model: "m", input_tokens: 3, output_tokens: 4 };
const seen = async (count: number): Promise<void> =>
  until(async () => {
    if (server.received.length < count) throw new Error(`expected ${count} requests, got ${server.received.length}`);
  });

test("a hundred events are sent together, fewer wait for their time or for a flush", async () => {
  await using client = open();
  for (let n = 0; n < 99; n++) client.trackLlm(call);
  expect(server.received).toEqual([]);
  client.trackLlm(call);
  await seen(1);
  expect(JSON.parse(server.received[0]?.body ?? "")).toHaveLength(100);
  client.trackLlm(call);
  await client.flush();
  expect(server.received).toHaveLength(2);
  await client.flush();
  expect(server.received).toHaveLength(2);
  await using timed = open({ flushMs: 10 });
  timed.trackLlm(call);
  await seen(3);
  expect(server.received[2]).toMatchObject({ path: "/api/v1/events/batch", key: "k" });
});

test("id and time are made when an event is tracked, from its own where it has them; later changes do not matter", async () => {
  await using client = open();
  const event = { service_provider: "p", metrics: { n: 1 } };
  const before = Date.now();
  const id = client.trackCustom(event);
  const own = client.trackCustom({
    ...event,
    event_id: "0198f1a2-0000-7000-8000-000000000001",
    timestamp: "2026-01-01T00:00:00Z",
  });
  const after = Date.now();
  event.metrics.n = 2;
  await client.flush();
  const [first, second] = JSON.parse(server.received[0]?.body ?? "") as { timestamp: string }[];
  expect(first).toMatchObject({ event_id: id, service_type: "custom", metrics: { n: 1 } });
  expect(Date.parse(first?.timestamp ?? "")).toBeGreaterThanOrEqual(before);
  expect(Date.parse(first?.timestamp ?? "")).toBeLessThanOrEqual(after);
  expect(second).toMatchObject({ event_id: own, timestamp: "2026-01-01T00:00:00Z" });
});

const passing: readonly Step[] = [
  { status: 500 },
  "reset",
  { status: 503, headers: { "retry-after": "0" } },
  "hang",
  { status: 202, body: "<html>" },
  { status: 202, body: { results: [] } },
  { status: 408 },
  { status: 302, headers: { location: "http://127.0.0.1:1/" } },
  { status: 429, headers: { "retry-after": "1" } },
];

test("what may pass is tried again with the same bytes, after the time that was asked for", async () => {
  server.script(passing);
  await using client = open({ requestTimeoutMs: 500 });
  const ids = [client.trackLlm(call), client.trackLlm(call)];
  await client.flush();
  expect(server.acknowledged).toEqual(ids);
  expect(lost).toEqual([]);
  expect(new Set(server.received.map(({ body }) => body)).size).toBe(1);
  expect(server.received).toHaveLength(passing.length + 1);
  const [asked, retried] = server.received.slice(-2);
  expect((retried?.atMs ?? 0) - (asked?.atMs ?? 0)).toBeGreaterThanOrEqual(1000);
});

test.each<[number, string]>([
  [401, "auth"],
  [403, "auth"],
  [400, "validation"],
  [413, "validation"],
])("status %i is not tried again: the events come back with an error of kind %s", async (status, kind) => {
  const problem = {
    title: "t",
    status,
    code: "some_code",
    detail: "because",
    errors: [{ path: "/a", code: "b", message: "c" }],
  };
  server.script([{ status, body: problem }]);
  await using client = open();
  const ids = [client.trackLlm(call), client.trackLlm(call)];
  await client.flush();
  expect(lost.map(({ id }) => id)).toEqual(ids);
  expect(lost[0]?.error).toMatchObject({ name: "UsageError", kind, status, code: "some_code", errors: problem.errors });
  expect(lost[0]?.error.message).toBe(`${status}: because`);
  expect(server.received).toHaveLength(1);
});

test("of a batch, the refused events come back, each with its own faults", async () => {
  const errors = [{ path: "/model", code: "type", message: "expected text" }];
  const results = [{ status: "accepted" }, { status: "invalid", errors }, { status: "duplicate" }];
  server.script([{ status: 202, body: { results } }]);
  await using client = open();
  const ids = [1, 2, 3].map(() => client.trackLlm(call));
  await client.flush();
  expect(lost).toMatchObject([{ id: ids[1], error: { kind: "validation", errors } }]);
  expect(lost[0]?.error.message).toBe("the event was refused: /model expected text");
});

test("memory is bounded: an event without room is given up at once, those that have it are not", async () => {
  server.script([{ status: 503 }], "forever");
  await using client = open({ maxEvents: 5, flushEvents: 2 });
  const ids = Array.from({ length: 8 }, () => client.trackLlm(call));
  expect(lost.map(({ id, error }) => [id, error.kind])).toEqual(ids.slice(5).map((id) => [id, "buffer_full"]));
  await seen(3);
  server.script([]);
  await client.flush();
  expect(server.acknowledged).toEqual(ids.slice(0, 5));
  client.trackLlm(call); // there is room again
  await client.flush();
  expect(lost).toHaveLength(3);

  await using small = open({ maxBytes: 1000 });
  small.trackCustom({ service_provider: "p", metrics: { text: "x".repeat(500) } });
  small.trackCustom({ service_provider: "p", metrics: { text: "x".repeat(500) } });
  expect(lost.at(-1)?.error.kind).toBe("buffer_full");
});

test("a backlog goes out in batches that the gateway takes, in order", async () => {
  server.script(["hang"], "forever");
  await using client = open({ requestTimeoutMs: 300, flushEvents: 1 });
  const ids = Array.from({ length: 2500 }, () => client.trackLlm(call));
  const large = Array.from({ length: 40 }, () =>
    client.trackCustom({ service_provider: "p", metrics: { text: "é".repeat(20_000) } }),
  );
  server.script([]);
  await client.flush();
  expect(server.acknowledged).toEqual([...ids, ...large]);
  for (const { body } of server.received) {
    expect(JSON.parse(body).length).toBeLessThanOrEqual(1000);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(1_000_000);
  }
});

test("close sends what there is and takes nothing more", async () => {
  const client = open();
  const id = client.trackLlm(call);
  const closed = client.close();
  expect(client.close()).toBe(closed);
  expect(() => client.trackLlm(call)).toThrow(expect.objectContaining({ kind: "closed" }));
  await closed;
  expect(server.acknowledged).toEqual([id]);
  expect(lost).toEqual([]);
});

test.each<[string, Step]>([
  ["refuses for now", { status: 503, headers: { "retry-after": "3600" } }],
  ["hangs", "hang"],
])("close gives up when its time is over and the service %s; nothing is lost without a word", async (_name, step) => {
  server.script([step], "forever");
  const client = open({ closeMs: 50, flushEvents: 1 });
  const ids = [1, 2, 3].map(() => client.trackLlm(call));
  await client.close();
  expect(lost.map(({ id, error }) => [id, error.kind])).toEqual(ids.map((id) => [id, "closed"]));
});

test("what JSON would change silently, or cannot hold, is refused where it is tracked", async () => {
  await using client = open();
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  for (const metrics of [{ n: Number.NaN }, { n: { deep: [Infinity] } }, { n: 1n }, circular]) {
    expect(() => client.trackCustom({ service_provider: "p", metrics })).toThrow(
      expect.objectContaining({ kind: "validation" }),
    );
  }
  await client.flush();
  expect(server.received).toEqual([]);
});

test("questions are asked again where that may help, four times at most, and their errors are typed", async () => {
  await using client = open();
  const answer = { from: "a", to: "b", events: [], has_more: false };
  server.script([{ status: 503 }, "reset", { status: 200, body: answer, headers: { "x-usage-lag-seconds": "1.5" } }]);
  expect(await client.get("/api/v1/usage", { query: { user_id: "a b", limit: 5 } })).toEqual({
    data: answer,
    lagSeconds: 1.5,
  });
  expect(server.received[2]?.path).toBe("/api/v1/usage?user_id=a+b&limit=5");
  server.script([{ status: 429 }], "forever");
  await expect(client.get("/api/v1/events/{id}", { path: { id: "1/2" } })).rejects.toMatchObject({
    kind: "rate_limit",
  });
  expect(server.received.slice(3).map(({ path }) => path)).toEqual(Array(4).fill("/api/v1/events/1%2F2"));
  server.script([{ status: 404, body: { code: "not_found", detail: "no event" } }]);
  await expect(client.get("/api/v1/usage", { query: {} })).rejects.toMatchObject({
    kind: "validation",
    code: "not_found",
  });
});
