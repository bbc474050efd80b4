import fc from "fast-check";
import { expect, test } from "vitest";
import { cloudCases, cloudCasesAbsent } from "../testing/cloud-events.ts";
import { normaliseCloudEvent } from "./cloud-event.ts";
import { parseInstant } from "./instant.ts";
import type { StoredEvent } from "./stored-event.ts";

const context = { tenant: "acme", now: parseInstant("2026-11-20T12:00:00Z") ?? 0 };
const minimal = { specversion: "1.0", id: "1", type: "com.example.used", source: "/meters/7" };
const llm = { service_type: "llm_service", service_provider: "openai", model: "m", input_tokens: 1, output_tokens: 2 };

function normal(input: unknown): StoredEvent {
  const outcome = normaliseCloudEvent(input, context);
  if ("issues" in outcome) expect.fail(JSON.stringify(outcome.issues));
  return outcome.event;
}

function faults(input: unknown): string[] {
  const outcome = normaliseCloudEvent(input, context);
  return "issues" in outcome ? outcome.issues.map(({ path, code }) => `${path} ${code}`) : [];
}

test.skipIf(cloudCasesAbsent !== "")(`every valid event of the conformance data is accepted${cloudCasesAbsent}`, () => {
  expect(cloudCases("valid").length).toBeGreaterThan(5);
  for (const { id, event } of cloudCases("valid")) expect(faults(event), id).toEqual([]);
});

test.skipIf(cloudCasesAbsent !== "")(`every invalid one is refused with a path${cloudCasesAbsent}`, () => {
  expect(cloudCases("invalid").length).toBeGreaterThan(20);
  for (const { id, event } of cloudCases("invalid")) {
    const [first] = faults(event);
    // What is at fault is a member that is there, or one that is missing.
    expect(first, id).toMatch(/^\/[\w.]+ \w+$/);
    expect(faults(event), id).toHaveLength(1);
  }
});

test("data with a service_type is a usage event; the attributes give the rest", () => {
  const event = { ...minimal, subject: "ada", time: "2026-11-20T11:00:00Z", region: "eu", data: llm };
  expect(normal(event)).toEqual({
    id: normal(minimal).id,
    at: parseInstant("2026-11-20T11:00:00Z"),
    service: "llm_service",
    provider: "openai",
    type: "com.example.used",
    user: "ada",
    tags: [],
    metadata: {
      model: "m",
      cloudevent: { id: "1", source: "/meters/7", type: "com.example.used", subject: "ada", region: "eu" },
    },
    metrics: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  });
  expect(normal({ ...event, data: { ...llm, user_id: "bob", event_type: "chat" } })).toMatchObject({
    user: "bob",
    type: "chat",
  });
});

test("anything else is a custom event of its source", () => {
  const kept = { id: "1", source: "/meters/7", type: "com.example.used" };
  const custom = { service: "custom", provider: "/meters/7", type: "com.example.used", at: context.now, metrics: {} };
  expect(normal(minimal)).toMatchObject({ ...custom, metadata: { cloudevent: kept } });
  expect(normal({ ...minimal, data: { n: 1 } })).toMatchObject({ ...custom, metrics: { n: 1 } });
  expect(normal({ ...minimal, data: [1] }).metadata).toEqual({ cloudevent: kept, data: [1] });
  expect(normal({ ...minimal, data_base64: "TWE=" }).metadata).toEqual({ cloudevent: kept, data_base64: "TWE=" });
  const inside = { datacontenttype: "application/json", data_base64: Buffer.from('{"n":2}').toString("base64") };
  expect(normal({ ...minimal, ...inside }).metrics).toEqual({ n: 2 });
});

test("the id follows from source and id, and from nothing else", () => {
  const { id } = normal(minimal);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(normal({ ...minimal, type: "other", time: "2026-01-01T00:00:00Z", data: llm }).id).toBe(id);
  expect(normal({ ...minimal, id: "2" }).id).not.toBe(id);
  expect(normal({ ...minimal, source: "/meters/8" }).id).not.toBe(id);
  // Not by joining the two: each keeps its own characters.
  expect(normal({ ...minimal, source: "/a", id: "b/c" }).id).not.toBe(
    normal({ ...minimal, source: "/a/b", id: "c" }).id,
  );
});

test.each<[string, unknown, string[]]>([
  ["a text", "event", [" type"]],
  ["a fault inside a usage event", { ...minimal, data: { ...llm, model: 5 } }, ["/data/model type"]],
  ["a misspelt field", { ...minimal, data: { ...llm, tokens: 5 } }, ["/data/tokens unknown_field"]],
  ["an id of its own", { ...minimal, data: { ...llm, event_id: "x" } }, ["/data/event_id reserved_field"]],
  ["another tenant", { ...minimal, data: { ...llm, tenant_id: "globex" } }, ["/data/tenant_id tenant_mismatch"]],
  ["a wrong user", { ...minimal, data: { ...llm, user_id: 5 } }, ["/data/user_id type"]],
  [
    "metadata that is ours",
    { ...minimal, data: { ...llm, metadata: { cloudevent: 1 } } },
    ["/data/metadata/cloudevent reserved_field"],
  ],
  ["data too deep", { ...minimal, data: { a: { b: { c: { d: {} } } } } }, ["/data/a/b/c/d too_deep"]],
  ["a source too long for a provider", { ...minimal, source: "x".repeat(300) }, ["/source length"]],
  ["a source with a space", { ...minimal, source: "a b" }, ["/source format"]],
  ["a time that is none", { ...minimal, time: 5 }, ["/time type"]],
  ["no base64", { ...minimal, data_base64: "a" }, ["/data_base64 format"]],
  [
    "JSON inside that is none",
    { ...minimal, datacontenttype: "text/json", data_base64: "TWE=" },
    ["/data_base64 format"],
  ],
  ["an extension that is an object", { ...minimal, ext: {} }, ["/ext type"]],
  ["an extension of 33 bits", { ...minimal, ext: 2 ** 31 }, ["/ext range"]],
])("refused: %s", (_name, input, expected) => expect(faults(input)).toEqual(expected));

test("whatever is sent, there is an answer and no exception; what is refused has at most ten reasons", () => {
  const keys = [
    ...Object.keys(minimal),
    "data",
    "data_base64",
    "time",
    "subject",
    "datacontenttype",
    "metadata",
    "x-y",
  ];
  const anything = fc.oneof(fc.anything(), fc.object({ key: fc.constantFrom(...keys) }));
  fc.assert(
    fc.property(anything, (input) => void expect(faults(input).length).toBeLessThanOrEqual(10)),
    { numRuns: 1000 },
  );
});
