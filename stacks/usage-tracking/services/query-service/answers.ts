import { Type } from "@caisson/core";

/*
 * What the routes answer, as the API's description says it. Answers that are made from totals are written with every digit
 * of their numbers, so they are checked against these schemas in tests and not on their way out.
 */

const instant = Type.String({ format: "date-time" });
const textOrNull = Type.Union([Type.String(), Type.Null()]);
const numberOrNull = Type.Union([Type.Number(), Type.Null()]);
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

const measures = {
  event_count: Type.Number(),
  unique_users: Type.Optional(Type.Number({ description: "Absent for the totals of a user" })),
  input_tokens: Type.Number(),
  output_tokens: Type.Number(),
  total_tokens: Type.Number(),
  pages: Type.Number(),
  bytes: Type.Number(),
  requests: Type.Number(),
  custom_units: Type.Number(),
  error_count: Type.Number(),
  error_rate: Type.Number(),
  latency_count: Type.Number(),
  latency_ms_sum: Type.Number(),
  latency_ms_avg: numberOrNull,
  latency_ms_p95: numberOrNull,
};
const boundsOf = Type.Object(
  { latency_ms_p95: Type.Object({ relative: Type.Number() }) },
  { description: "What is not exact, and how far off it may be; everything else is exact" },
);
const period = Type.Enum(["hour", "day", "week", "month"]);
const series = { totals: Type.Object(measures), buckets: Type.Array(Type.Object({ start: instant, ...measures })) };
const zoned = { period, time_zone: Type.String(), error_bounds: boundsOf };
const key = Type.Optional(Type.String());

export const aggregateAnswer = Type.Union([
  Type.Object({ ...range, ...zoned, service: key, provider: key, user: key, ...series }),
  Type.Object({
    ...range,
    ...zoned,
    group_by: Type.Enum(["service", "provider", "user"]),
    groups: Type.Array(Type.Object({ key: Type.String(), ...series })),
    has_more: Type.Boolean(),
  }),
]);

const currency = Type.String({ minLength: 3, maxLength: 3 });
const userCount = Type.Object({ user_id: Type.String(), event_count: Type.Number() });

export const servicesAnswer = Type.Object({
  ...range,
  currency,
  event_count: Type.Number(),
  services: Type.Array(
    Type.Object({
      service_type: Type.String(),
      event_count: Type.Number(),
      percentage_of_total: Type.Number(),
      unique_users: Type.Number(),
      total_cost: Type.Number(),
      top_users: Type.Array(userCount),
    }),
  ),
});

export const costsAnswer = Type.Object({
  ...range,
  group_by: period,
  currency,
  total_cost: Type.Number(),
  cost_by_service: Type.Record(Type.String(), Type.Number()),
  cost_by_period: Type.Array(Type.Object({ start: instant, cost: Type.Number() })),
});

export const trendsAnswer = Type.Object({
  ...range,
  metric: Type.Enum(["event_count", "total_cost", "unique_users"]),
  period,
  time_zone: Type.String(),
  currency: Type.Optional(currency),
  data_points: Type.Array(Type.Object({ start: instant, value: Type.Number(), complete: Type.Boolean() })),
  direction: Type.Enum(["up", "down", "stable"]),
  percentage_change: numberOrNull,
});

export const topUsersAnswer = Type.Object({
  ...range,
  metric: Type.Enum(["event_count", "total_tokens", "total_cost"]),
  currency: Type.Optional(currency),
  users: Type.Array(Type.Object({ user_id: Type.String(), value: Type.Number() })),
  has_more: Type.Boolean(),
});

const compared = Type.Object({ ...range, ...measures, total_cost: Type.Optional(Type.Number()) });

export const comparisonAnswer = Type.Object({
  ...zoned,
  currency: Type.Optional(currency),
  current: compared,
  previous: compared,
  change: Type.Object(
    {
      event_count: numberOrNull,
      unique_users: numberOrNull,
      total_tokens: numberOrNull,
      error_count: numberOrNull,
      total_cost: Type.Optional(numberOrNull),
    },
    { description: "In percent, to two places; null from nothing to something" },
  ),
});

export const explainAnswer = Type.Object({
  ...range,
  period: Type.Enum(["hour", "day"]),
  service: key,
  provider: key,
  user: key,
  totals: Type.Object(measures),
  recount_equal: Type.Boolean({ description: "The kept totals are what the events add up to" }),
  event_count: Type.Integer(),
  late_count: Type.Integer({ description: "Events that came after the period was over" }),
  duplicates: Type.Object(
    {
      since: textOrNull,
      events: Type.Array(Type.Object({ ...eventId, copies: Type.Integer() }), { maxItems: 100 }),
    },
    { description: "Copies that reached the inbox since then and were not counted" },
  ),
  events: Type.Array(Type.Object({ ...shownEvent.properties, late: Type.Boolean() })),
  has_more: Type.Boolean(),
  next_cursor: Type.Optional(Type.String()),
});

export const summariesAnswer = Type.Object({
  currency,
  summaries: Type.Array(
    Type.Object({
      month: Type.String(),
      total_cost: Type.Number(),
      cost_by_service: Type.Record(Type.String(), Type.Number()),
      cost_by_user: Type.Array(Type.Object({ user_id: Type.String(), cost: Type.Number() })),
      total_events: Type.Number(),
      active_users: Type.Number(),
      is_finalized: Type.Boolean(),
      finalized_at: textOrNull,
      computed_at: instant,
    }),
  ),
});
