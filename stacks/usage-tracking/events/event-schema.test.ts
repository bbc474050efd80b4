import fc from "fast-check";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { sentEvents } from "../testing/sent-events.ts";
import { eventSchema } from "./event-schema.ts";
import { normaliseEvent } from "./normalise-event.ts";

const now = Date.UTC(2026, 10, 20) * 1000;
const accepts = (event: unknown): boolean => "event" in normaliseEvent(event, { tenant: "acme", now });

test("the description of an event accepts what the gateway accepts, and is as strict about its fields", () => {
  const change = fc.record({
    field: fc.constantFrom("model", "pages_processed", "endpoint", "service_provider", "input_tokens", "tags", "extra"),
    value: fc.constantFrom(-1, 0.5, 7, true, ["a"], [""], {}, "x", "", undefined),
  });
  fc.assert(
    fc.property(sentEvents({ now }), change, (event, { field, value }) => {
      expect(accepts(event)).toBe(true);
      expect(Value.Check(eventSchema, event)).toBe(true);
      const changed = { ...event, [field]: value };
      // total_tokens must be a sum, which no schema can say; it is not sent here.
      expect([changed, Value.Check(eventSchema, changed)]).toEqual([changed, accepts(changed)]);
    }),
    { numRuns: 500 },
  );
});
