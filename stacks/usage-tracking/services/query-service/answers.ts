import { Type } from "@caisson/core";
import { sumNames } from "../../rollups/measures.ts";

/*
 * What the routes answer, as the API's description says it. Numbers of answers that are made from rollups are written with
 * every digit, so they are checked against these schemas in tests and not on their way out.
 */

const instant = Type.String({ format: "date-time" });
const textOrNull = Type.Union([Type.String(), Type.Null()]);
const anyObject = Type.Record(Type.String(), Type.Unknown());
const range = { from: instant, to: instant };

const shownEvent = Type.Object({
  event_id: Type.String({ format: "uuid" }),
  timestamp: instant,
  service_type: Type.String(),
  service_provider: Type.String(),
  event_type: Type.String(),
  user_id: textOrNull,
  session_id: textOrNull,
  request_id: textOrNull,
  tags: Type.Array(Type.String()),
  metadata: anyObject,
  metrics: anyObject,
  received_at: instant,
});

/** An event as answers show it. */
export type ShownEvent = Type.Static<typeof shownEvent>;

export const usageAnswer = Type.Object({
  ...range,
  events: Type.Array(shownEvent),
  has_more: Type.Boolean(),
  next_cursor: Type.Optional(Type.String()),
  total_count: Type.Optional(Type.Integer({ minimum: 0 })),
});

const eventId = { event_id: Type.String({ format: "uuid" }) };

export const outcomeAnswer = Type.Union([
  Type.Object({ ...eventId, status: Type.Literal("stored"), event: shownEvent }),
  Type.Object({ ...eventId, status: Type.Literal("pending") }),
  Type.Object({ ...eventId, status: Type.Literal("dead_letter"), reason: Type.String(), detail: Type.String() }),
]);

const shownSums = sumNames.map((name) => (name === "latency_us" ? "latency_ms_sum" : name));
const totals = Object.fromEntries(["event_count", ...shownSums].map((name) => [name, Type.Number()]));
const bucket = Type.Object({ start: instant, ...totals });

export const aggregateAnswer = Type.Object({
  ...range,
  period: Type.String(),
  totals: Type.Optional(Type.Object(totals)),
  buckets: Type.Optional(Type.Array(bucket)),
});
