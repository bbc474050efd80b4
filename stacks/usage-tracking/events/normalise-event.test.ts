import fc from "fast-check";
import { expect, test } from "vitest";
import { parseInstant } from "./instant.ts";
import { judgeBatch } from "./judge-batch.ts";
import { normaliseEvent } from "./normalise-event.ts";
import { inexactNumber } from "./parse-json.ts";
import { decodeEvents, encodeBody, encodeEvent, jsonCodec } from "./stored-event.ts";
import { sentEvents } from "../testing/sent-events.ts";

const context = { tenant: "acme", now: parseInstant("2026-11-20T12:00:00Z") ?? 0 };
const batch = { ...context, cloudEvents: false, lateBefore: context.now - 86_400_000_000 };
const id = "0198f1a2-0000-7000-8000-000000000001";
const llm = {
  event_id: id,
  timestamp: "2026-11-20T11:59:00Z",
  service_type: "llm_service",
  service_provider: "openai",
  model: "gpt-4o",
  input_tokens: 10,
  output_tokens: 5,
};
const document = { ...pick(), service_type: "document_processor", document_type: "invoice", pages_processed: 3 };
const api = { ...pick(), service_type: "api_service", endpoint: "/v1/x", method: "GET" };
const custom = { ...pick(), service_type: "custom", metrics: { "gpu-seconds": 1.25 } };

function pick(): Record<string, unknown> {
  return { event_id: id, timestamp: "2026-11-20T11:59:00Z", service_provider: "acme-cloud" };
}

function stored(input: unknown): unknown {
  const outcome = normaliseEvent(input, context);
  return "event" in outcome ? outcome.event : outcome.issues;
}

function faults(input: unknown): string[] {
  const outcome = normaliseEvent(input, context);
  return "issues" in outcome ? outcome.issues.map((issue) => `${issue.path} ${issue.code}`) : [];
}

test("numbers go to metrics, descriptions to metadata, the total is derived", () => {
  expect(stored({ ...llm, event_id: id.toUpperCase(), temperature: 0.7, latency_ms: 812.34567, tags: ["a"] })).toEqual({
    id,
    at: parseInstant("2026-11-20T11:59:00Z"),
    service: "llm_service",
    provider: "openai",
    type: "completion",
    tags: ["a"],
    metadata: { model: "gpt-4o", temperature: 0.7 },
    metrics: { input_tokens: 10, output_tokens: 5, total_tokens: 15, latency_ms: 812.346 },
  });
  expect(stored(api)).toMatchObject({ type: "request", metrics: { request_count: 1 } });
  expect(stored(document)).toMatchObject({ type: "processing", metadata: { document_type: "invoice" } });
  expect(stored(custom)).toMatchObject({ type: "custom", metrics: { "gpu-seconds": 1.25 } });
});

test("an event without a time has that of its request; null is absent", () => {
  expect(stored({ ...llm, timestamp: undefined })).toMatchObject({ at: context.now });
  expect(stored({ ...llm, timestamp: null, user_id: null, metadata: null })).toMatchObject({ at: context.now });
});

test("keys of Object.prototype are ordinary keys", () => {
  const metrics = JSON.parse('{"__proto__":{"x":1},"constructor":2}') as object;
  const event = stored({ ...custom, metrics, metadata: JSON.parse('{"__proto__":"y"}') as object });
  const [again] = decodeEvents(jsonCodec, encodeBody([JSON.stringify(event)]));
  expect(JSON.stringify(again?.metrics)).toBe('{"__proto__":{"x":1},"constructor":2}');
  expect(JSON.stringify(again?.metadata)).toBe('{"__proto__":"y"}');
  expect(faults(JSON.parse(JSON.stringify(api).replace("{", '{"__proto__":1,')))).toEqual(["/__proto__ unknown_field"]);
});

test.each<[string, unknown, readonly string[]]>([
  ["no object", 5, [" type"]],
  ["an array", [], [" type"]],
  ["nothing in it", {}, ["/event_id required", "/service_provider required", "/service_type required"]],
  ["id that is no UUID", { ...llm, event_id: "1" }, ["/event_id format"]],
  ["id with braces", { ...llm, event_id: `{${id.slice(2)}}` }, ["/event_id format"]],
  ["id as a number", { ...llm, event_id: 1 }, ["/event_id type"]],
  ["time as a number", { ...llm, timestamp: 1_700_000_000 }, ["/timestamp type"]],
  ["time without an offset", { ...llm, timestamp: "2026-11-20T11:59:00" }, ["/timestamp format"]],
  ["time on 30 February", { ...llm, timestamp: "2026-02-30T00:00:00Z" }, ["/timestamp format"]],
  ["time before 2000", { ...llm, timestamp: "1999-12-31T23:59:59Z" }, ["/timestamp timestamp_range"]],
  ["time a day ahead", { ...llm, timestamp: "2026-11-21T12:00:01Z" }, ["/timestamp timestamp_range"]],
  ["another tenant", { ...llm, tenant_id: "other" }, ["/tenant_id tenant_mismatch"]],
  ["unknown service", { ...llm, service_type: "sms" }, ["/service_type choice"]],
  ["prototype as service", { ...llm, service_type: "__proto__" }, ["/service_type choice"]],
  ["misspelt field", { ...llm, input_token: 5 }, ["/input_token unknown_field"]],
  ["field of another service", { ...llm, pages_processed: 5 }, ["/pages_processed unknown_field"]],
  ["no model", { ...llm, model: undefined }, ["/model required"]],
  ["empty model", { ...llm, model: "" }, ["/model length"]],
  ["tokens as text", { ...llm, input_tokens: "10" }, ["/input_tokens type"]],
  ["half a token", { ...llm, input_tokens: 1.5 }, ["/input_tokens type"]],
  ["negative tokens", { ...llm, output_tokens: -1 }, ["/output_tokens range"]],
  ["tokens beyond 2^53", { ...llm, input_tokens: 2 ** 53 }, ["/input_tokens range"]],
  ["tokens that overflow together", { ...llm, input_tokens: 2 ** 53 - 1 }, ["/total_tokens range"]],
  ["a wrong total", { ...llm, total_tokens: 16 }, ["/total_tokens mismatch"]],
  ["a number of 18 digits", { ...llm, input_tokens: inexactNumber }, ["/input_tokens number_inexact"]],
  ["too hot", { ...llm, temperature: 2.1 }, ["/temperature range"]],
  ["no pages", { ...document, pages_processed: 0 }, ["/pages_processed range"]],
  ["status 600", { ...api, status_code: 600 }, ["/status_code range"]],
  ["infinite latency", { ...api, response_time_ms: Infinity }, ["/response_time_ms range"]],
  ["no metrics", { ...custom, metrics: undefined }, ["/metrics required"]],
  ["metrics as a list", { ...custom, metrics: [1] }, ["/metrics type"]],
  ["infinity in metrics", { ...custom, metrics: { a: [Infinity] } }, ["/metrics/a/0 number_inexact"]],
  ["metrics on another service", { ...llm, metrics: {} }, ["/metrics unknown_field"]],
  ["user of 256 characters", { ...llm, user_id: "u".repeat(256) }, ["/user_id length"]],
  ["NUL in a text", { ...llm, user_id: "a\0b" }, ["/user_id text_invalid"]],
  ["half a surrogate pair", { ...llm, user_id: "\ud800" }, ["/user_id text_invalid"]],
  ["NUL in a key", { ...llm, metadata: { "a\0": 1 } }, ["/metadata/a\0 text_invalid"]],
  ["metadata as text", { ...llm, metadata: "x" }, ["/metadata type"]],
  ["metadata five deep", { ...llm, metadata: { a: { b: { c: { d: {} } } } } }, ["/metadata/a/b/c/d too_deep"]],
  ["own field in metadata", { ...llm, metadata: { model: "x" } }, ["/metadata/model reserved_field"]],
  ["tags as text", { ...llm, tags: "a" }, ["/tags type"]],
  ["33 tags", { ...llm, tags: Array.from({ length: 33 }, () => "a") }, ["/tags length"]],
  ["a tag that is none", { ...llm, tags: ["a", 5, null] }, ["/tags/1 type", "/tags/2 required"]],
])("refused: %s", (_name, input, expected) => expect(faults(input)).toEqual(expected));

test("255 characters fit whatever their script; an event reports ten problems at most", () => {
  expect(faults({ ...llm, user_id: "😀".repeat(255) })).toEqual([]);
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, 1]));
  expect(faults({ ...llm, ...many })).toHaveLength(10);
});

test("an event of more than 64 KiB is refused by itself", () => {
  const large = { ...llm, metadata: { text: "x".repeat(65 * 1024) } };
  const { results, encoded } = judgeBatch([large, llm], batch, () => false);
  expect(results).toMatchObject([{ status: "invalid", errors: [{ code: "too_large" }] }, { status: "accepted" }]);
  expect(encoded).toHaveLength(1);
});

test("a batch has one result per event, in order; equal ids are one event", () => {
  const second = { ...llm, event_id: id.replace(/.$/, "2") };
  const third = { ...llm, event_id: id.replace(/.$/, "3") };
  const known = (each: string): boolean => each.endsWith("3");
  const { results, ids } = judgeBatch([llm, 1, { ...llm, input_tokens: 7 }, second, third], batch, known);
  expect(results.map((result) => result.status)).toEqual(["accepted", "invalid", "duplicate", "accepted", "duplicate"]);
  expect(results.map((result) => result.index)).toEqual([0, 1, 2, 3, 4]);
  expect(ids).toEqual([id, second.event_id]);
});

test("what is accepted survives the inbox unchanged", () => {
  fc.assert(
    fc.property(sentEvents({ now: context.now }), (sent) => {
      const outcome = normaliseEvent(sent, context);
      if ("issues" in outcome) expect.fail(JSON.stringify(outcome.issues));
      expect(decodeEvents(jsonCodec, encodeBody([encodeEvent(outcome.event)]))).toEqual([outcome.event]);
    }),
    { numRuns: 500 },
  );
});

test("whatever is sent, there is an answer and no exception", () => {
  const anything = fc.oneof(fc.anything(), fc.object({ key: fc.constantFrom(...Object.keys({ ...llm, ...custom })) }));
  fc.assert(
    fc.property(anything, (input) => void normaliseEvent(input, context)),
    { numRuns: 1000 },
  );
});
