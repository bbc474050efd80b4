import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloudCases, cloudCasesAbsent } from "./testing/cloud-events.ts";
import { query, until } from "./testing/database.ts";
import { send, startStack, type Answer, type TestStack } from "./testing/stack.ts";
import { cloudEvent, llmEvent } from "./testing/usage-events.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack(["acme"]);
});
afterAll(() => stack[Symbol.asyncDispose]());

const structured = { "content-type": "application/cloudevents+json" };
const batched = { "content-type": "application/cloudevents-batch+json; charset=utf-8" };
const lines = { "content-type": "application/x-ndjson" };

const post = (path: string, json: unknown, headers: Record<string, string>): Promise<Answer> =>
  send("POST", `${stack.gateway.url}/api/v1/${path}`, { json, key: stack.keys["acme"] ?? "", headers });

/** The row of an event once it is stored. */
function stored(answer: Answer): Promise<Record<string, unknown>> {
  const { event_id: id } = answer.body as { event_id: string };
  return until(async () => {
    const [row] = await query(
      stack.config.databaseUrl,
      `select service, provider, user_id, type, metadata, metrics from events where id = '${id}'`,
    );
    if (!row) throw new Error(`expected ${id} to be stored, got ${answer.text}`);
    return row;
  });
}

test("a structured CloudEvent, sent twice, is one event with the fields of its data", async () => {
  const data = { service_type: "api_service", service_provider: "edge", endpoint: "/x", method: "GET" };
  const event = cloudEvent({ subject: "ada", data });
  const [first, second] = [await post("events", event, structured), await post("events", event, structured)];
  expect([first.status, second.status]).toEqual([202, 202]);
  expect([first.body, second.body]).toMatchObject([{ status: "accepted" }, { status: "duplicate" }]);
  expect(await stored(first)).toMatchObject({
    service: "api_service",
    user_id: "ada",
    metrics: { request_count: 1 },
    metadata: { endpoint: "/x", cloudevent: { id: "1", source: event["source"] } },
  });
});

test("a binary CloudEvent has its attributes in headers and its data in the body, of any media type", async () => {
  const source = `/meters/${randomUUID()}`;
  const headers = (id: string, type: string): Record<string, string> => ({
    "ce-specversion": "1.0",
    "ce-id": id,
    "ce-source": source,
    "ce-type": "com.example.used",
    "ce-subject": "Ren%C3%A9e",
    "content-type": type,
  });
  const json = await post("events", { n: 1 }, headers("a", "application/json"));
  expect(await stored(json)).toMatchObject({ service: "custom", user_id: "Renée", metrics: { n: 1 } });
  const text = await post("events", "hello", headers("b", "text/plain"));
  expect(await stored(text)).toMatchObject({ metadata: { data: "hello" }, metrics: {} });
  const bytes = await post("events", Buffer.from([0, 255]), headers("c", "image/png"));
  expect(await stored(bytes)).toMatchObject({ metadata: { data_base64: "AP8=" } });
  const structuredToo = await post("events", cloudEvent({ source, id: "a" }), structured);
  expect(structuredToo.body).toMatchObject({ status: "duplicate" });
  const bad = await post("events", "{}", { ...headers("", "application/json"), "ce-specversion": "0.3" });
  expect(bad.status).toBe(422);
  expect((bad.body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(["/specversion", "/id"]);
});

test.each(["events", "events/batch"])("a batch of CloudEvents to /%s answers each", async (path) => {
  const answer = await post(path, [cloudEvent(), { ...cloudEvent(), id: 25 }, llmEvent()], batched);
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({
    accepted: 1,
    duplicate: 0,
    invalid: 2,
    results: [
      { status: "accepted" },
      { status: "invalid", event_id: null, errors: [{ path: "/id", code: "type" }] },
      { status: "invalid" },
    ],
  });
  expect((await post(path, [], batched)).status).toBe(400);
  expect((await post(path, cloudEvent(), batched)).status).toBe(400);
});

test.each(["events", "events/batch"])(
  "lines to /%s are events of both kinds; a bad line costs the others nothing",
  async (path) => {
    const good = [JSON.stringify(llmEvent()), JSON.stringify(cloudEvent())];
    const answer = await post(path, `${good[0]}\r\n\n{"event_id":\n${good[1]}\n["\xff"]`, lines);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      accepted: 2,
      invalid: 2,
      results: [
        { status: "accepted" },
        { status: "invalid", errors: [{ path: "/event_id", code: "invalid_json" }] },
        { status: "accepted" },
        { status: "invalid" },
      ],
    });
    const many = `${"1\n".repeat(1001)}`;
    expect((await post(path, many, lines)).status).toBe(400);
    expect((await post(path, "\n\n", lines)).status).toBe(400);
  },
);

test("CloudEvents say so themselves under application/json", async () => {
  expect((await post("events", cloudEvent(), {})).body).toMatchObject({ status: "accepted" });
  expect((await post("events/batch", [cloudEvent(), llmEvent()], {})).body).toMatchObject({ accepted: 2 });
});

test("a body may be compressed; what it inflates to is bounded", async () => {
  const gzip = { "content-encoding": "gzip" };
  const batch = Array.from({ length: 500 }, () => llmEvent());
  expect((await post("events/batch", gzipSync(JSON.stringify(batch)), gzip)).body).toMatchObject({ accepted: 500 });
  expect((await post("events", gzipSync(JSON.stringify(cloudEvent())), { ...structured, ...gzip })).status).toBe(202);
  for (const [body, headers, status, code] of [
    [gzipSync(" ".repeat(200_000)), {}, 413, "payload_too_large"],
    [gzipSync(JSON.stringify(llmEvent())).subarray(0, 50), {}, 400, "bad_request"],
    [Buffer.from(JSON.stringify(llmEvent())), {}, 400, "bad_request"],
    [Buffer.from("x"), { "content-encoding": "br" }, 415, "unsupported_media_type"],
    [gzipSync(gzipSync("{}")), { "content-encoding": "gzip, gzip" }, 415, "unsupported_media_type"],
  ] as const) {
    const answer = await post("events", body, { ...gzip, ...headers });
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, code]);
  }
});

test("an event that comes a day after its time is marked late, and counts", async () => {
  const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400e3).toISOString();
  const answer = await post("events", llmEvent({ timestamp: daysAgo(2) }), {});
  expect(answer.body).toMatchObject({ status: "accepted", late: true });
  await stored(answer);
  const batch = [llmEvent({ timestamp: daysAgo(0.5) }), llmEvent({ timestamp: daysAgo(40) }), cloudEvent()];
  const { results } = (await post("events/batch", batch, {})).body as { results: object[] };
  expect(results.map((result) => "late" in result)).toEqual([false, true, false]);
  const { text } = await send("GET", `${stack.gateway.management}/metrics`);
  expect(text).toMatch(/^usage_events_late_total 2$/m);
});

const linesOf = (events: readonly object[]): string => events.map((event) => JSON.stringify(event)).join("\n");

/** Faults that binary mode cannot have: names and values of headers have neither case nor type, and its data is one body. */
const jsonAlone = [
  // Without the header it is no CloudEvent.
  "invalidNoSpecVersion",
  "invalidNumericId",
  "invalidObjectId",
  "invalidCapitalizedExtension",
  "invalidBothDataAndDataBase64",
];

/** A CloudEvent in binary mode. */
function binaryOf(event: Readonly<Record<string, unknown>>): { body: unknown; headers: Record<string, string> } {
  const { data, datacontenttype, ...attributes } = event;
  const present = Object.entries(attributes).filter(([, value]) => value !== null);
  return {
    body: data,
    headers: {
      ...Object.fromEntries(present.map(([name, value]) => [`ce-${name}`, String(value)])),
      ...(typeof datacontenttype === "string" && { "content-type": datacontenttype }),
    },
  };
}

test.skipIf(cloudCasesAbsent !== "")(`the conformance data over HTTP, in every mode${cloudCasesAbsent}`, async () => {
  const [valid, invalid] = [cloudCases("valid"), cloudCases("invalid")];
  const own = valid.map(({ event }, index) => ({ ...event, source: `/${randomUUID()}`, id: String(index) }));
  expect((await post("events", own, batched)).body).toMatchObject({ accepted: valid.length, invalid: 0 });
  for (const event of own) {
    expect((await post("events", event, structured)).body).toMatchObject({ status: "duplicate" });
    const { body, headers } = binaryOf(event);
    expect((await post("events", body, headers)).body, JSON.stringify(event)).toMatchObject({ status: "duplicate" });
  }
  expect((await post("events", linesOf(own), lines)).body).toMatchObject({ duplicate: valid.length, invalid: 0 });

  const bad = invalid.map(({ event }) => event);
  for (const refused of [await post("events/batch", bad, batched), await post("events/batch", linesOf(bad), lines)]) {
    expect(refused.status).toBe(422);
    const { results } = refused.body as { results: { status: string; errors: { path: string }[] }[] };
    expect(results).toHaveLength(bad.length);
    for (const { status, errors } of results) {
      expect(status).toBe("invalid");
      expect(errors[0]?.path).toMatch(/^\/\w/);
    }
  }
  const inHeaders = invalid.filter(({ id }) => !jsonAlone.includes(id));
  expect(inHeaders).toHaveLength(bad.length - jsonAlone.length);
  for (const { id, event } of inHeaders) {
    const { body, headers } = binaryOf(event);
    const refused = await post("events", body, headers);
    // The media type is HTTP's there, which refuses it before anything is read.
    const status = "content-type" in headers ? 415 : 422;
    expect([id, refused.status]).toEqual([id, status]);
    if (status === 422) expect((refused.body as { errors: { path: string }[] }).errors[0]?.path, id).toMatch(/^\/\w/);
  }
});
