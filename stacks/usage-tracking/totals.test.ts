import fc from "fast-check";
import { Value } from "typebox/value";
import { Type, type TSchema } from "typebox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatInstant, type Instant } from "./events/instant.ts";
import { rollupPeriods, type RollupPeriod } from "./rollups/periods.ts";
import { query, until } from "./testing/database.ts";
import { runProgram } from "./testing/programs.ts";
import { sentEvents } from "./testing/sent-events.ts";
import { send, startStack, type TestStack } from "./testing/stack.ts";

/*
 * What the query service answers, against SQL over the raw events that is written here and shares nothing with it: periods
 * are PostgreSQL's own local dates and hours, sums are read from the events' JSON, percentiles are exact.
 */

const hour = 3_600_000_000;
const day = 24 * hour;
const now = Date.now() * 1000;
const changes = ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-04-04T15:00:00Z", "2026-11-01T06:00:00Z"];
let stack: TestStack;
let described: Readonly<Record<string, { readonly get: { readonly responses: Readonly<Record<string, unknown>> } }>>;

beforeAll(async () => {
  stack = await startStack(["acme", "other"]);
  const rules = [
    ["--service", "llm_service", "--from", "2020-01-01", "--part", "tokens=0.000000000002"],
    ["--service", "api_service", "--from", "2020-01-01", "--part", "requests=0.001"],
  ];
  for (const rule of rules) {
    const added = await runProgram("billing-rule", stack.config, ["add", ...rule]);
    expect(added.code, added.stdout + added.stderr).toBe(0);
  }
  // Around the changes of clocks, and within the last ten days.
  const events = fc.sample(sentEvents({ now, few: true }), { numRuns: 240, seed: 20_261 });
  const moved = events.map((event, index) => {
    const change = Date.parse(changes[index % 4] ?? "") * 1000;
    const at = Math.min(now - 1, change - 3 * day + ((index * 7919) % (6 * 24 * 60)) * 60_000_000 + index);
    return index % 2 === 0 ? event : { ...event, timestamp: formatInstant(at) };
  });
  for (const [tenant, own] of [
    ["acme", moved],
    ["other", events.slice(0, 40)],
  ] as const) {
    const answer = await send("POST", `${stack.gateway.url}/api/v1/events/batch`, {
      key: stack.keys[tenant],
      json: own,
    });
    expect(answer.body).toMatchObject({ accepted: own.length });
  }
  await until(async () => {
    const [row] = await query(stack.config.databaseUrl, "select count(*)::int as n from events");
    if (row?.["n"] !== 280) throw new Error(`expected 280 events, got ${JSON.stringify(row)}`);
  });
  described = ((await send("GET", `${stack.queries.url}/openapi.json`)).body as { paths: typeof described }).paths;
});
afterAll(() => stack[Symbol.asyncDispose]());

/** An answer, which must have the form that the API's description says. */
async function ask<T>(path: string, parameters: Readonly<Record<string, string>>, key = "acme"): Promise<T> {
  const url = `${stack.queries.url}/api/v1${path}?${new URLSearchParams(parameters)}`;
  const answer = await send("GET", url, { key: stack.keys[key] });
  expect(answer.status, answer.text).toBe(200);
  const described200 = described[`/api/v1${path}`]?.get.responses["200"] as Described | undefined;
  const schema = described200?.content["application/json"]?.schema ?? Type.Never();
  expect(
    Value.Check(schema, answer.body),
    `${answer.text.slice(0, 300)} ${JSON.stringify(Value.Errors(schema, answer.body)).slice(0, 500)}`,
  ).toBe(true);
  expect(answer.headers.get("x-usage-lag-seconds")).toMatch(/^\d+\.\d{3}$/);
  return answer.body as T;
}

interface Described {
  readonly content: Readonly<Record<string, { readonly schema: TSchema }>>;
}

type Measured = Readonly<Record<string, number | null>> & { readonly start?: string };
interface SeriesAnswer {
  readonly from: string;
  readonly to: string;
  readonly totals: Measured;
  readonly buckets: readonly Measured[];
}

const metric = (name: string): string =>
  `coalesce(sum((e.metrics->>'${name}')::numeric) filter (where e.service <> 'custom'), 0)`;
const latency = `case when e.service <> 'custom' then coalesce(e.metrics->>'latency_ms', e.metrics->>'processing_time_ms', e.metrics->>'response_time_ms')::numeric end`;
const measured = `count(*) as event_count, count(distinct e.user_id) as unique_users, ${metric("input_tokens")} as input_tokens,
  ${metric("output_tokens")} as output_tokens, ${metric("pages_processed")} as pages, ${metric("request_count")} as requests,
  ${["file_size_bytes", "payload_size_bytes", "response_size_bytes"].map(metric).join(" + ")} as bytes,
  count(${latency}) as latency_count, coalesce(sum(${latency}), 0) as latency_ms_sum,
  percentile_disc(0.95) within group (order by ${latency}) as exact_p95`;

/** Which local period a time belongs to, as PostgreSQL sees it; an hour that is repeated is two. */
function periodKey(period: RollupPeriod, at: string, zone: string): string {
  const local = `(${at} at time zone '${zone}')`;
  if (period === "hour") return `to_char(${local}, 'YYYY-MM-DD HH24') || (${local} - (${at} at time zone 'UTC'))::text`;
  return `date_trunc('${period}', ${local})::text`;
}

const columns = { service_type: "service", service_provider: "provider", user_id: "user_id" } as const;
type Filter = readonly [keyof typeof columns, string] | undefined;

async function oracle(
  answer: SeriesAnswer,
  period: RollupPeriod,
  zone: string,
  filter: Filter,
): Promise<readonly Record<string, unknown>[]> {
  const own = filter ? `and e.${columns[filter[0]]} = $$${filter[1]}$$` : "";
  const events = `events e where e.tenant = (select id from tenant where name = 'acme') and e.at >= '${answer.from}' and e.at < '${answer.to}' ${own}`;
  const starts = answer.buckets.map(({ start }) => `('${start}'::timestamptz)`).join(", ");
  return query(
    stack.config.databaseUrl,
    `with b as (select start, ${periodKey(period, "start", zone)} as k from (values ${starts}) s (start)),
       m as (select ${periodKey(period, "e.at", zone)} as k, ${measured} from ${events} group by 1)
     select m.*, null as whole from b left join m using (k) order by b.start`,
  ).then(async (rows) => [...rows, ...(await query(stack.config.databaseUrl, `select ${measured} from ${events}`))]);
}

function compare(got: Measured, expected: Record<string, unknown>, filter: Filter, where: string): void {
  for (const name of [
    "event_count",
    "unique_users",
    "input_tokens",
    "output_tokens",
    "pages",
    "requests",
    "bytes",
    "latency_count",
    "latency_ms_sum",
  ]) {
    if (name === "unique_users" && filter?.[0] === "user_id") continue;
    expect(got[name], `${name} ${where}`).toBe(Number(expected[name] ?? 0));
  }
  const exact = typeof expected["exact_p95"] === "string" ? Number(expected["exact_p95"]) : null;
  if (exact === null) expect(got["latency_ms_p95"]).toBeNull();
  else expect(Math.abs((got["latency_ms_p95"] ?? Number.NaN) - exact), where).toBeLessThanOrEqual(exact / 64 + 0.001);
}

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
];

test("totals of any period, time zone and key are what SQL over the raw events says", async () => {
  const question = fc.record({
    period: fc.constantFrom(...rollupPeriods),
    zone: fc.constantFrom(...zones),
    around: fc.constantFrom(...changes.map((change) => Date.parse(change) * 1000), now - 4 * day),
    before: fc.integer({ min: 1, max: 72 }),
    after: fc.integer({ min: 0, max: 72 }),
    filter: fc.constantFrom<Filter[]>(
      undefined,
      ["service_type", "llm_service"],
      ["service_provider", "a"],
      ["user_id", "é\t\\"],
    ),
  });
  await fc.assert(
    fc.asyncProperty(question, async ({ period, zone, around, before, after, filter }) => {
      // Hours of a zone whose clocks change by half an hour are no hours of PostgreSQL's.
      if (zone === "Australia/Lord_Howe" && period === "hour") return;
      const range = { from: formatInstant(around - before * hour), to: formatInstant(around + after * hour) };
      const own = filter ? { [filter[0]]: filter[1] } : {};
      const answer = await ask<SeriesAnswer>("/usage/aggregate", { period, time_zone: zone, ...range, ...own });
      const expected = await oracle(answer, period, zone, filter);
      expect(expected).toHaveLength(answer.buckets.length + 1);
      for (const [index, bucket] of answer.buckets.entries()) {
        compare(bucket, expected[index] ?? {}, filter, `${JSON.stringify(range)} ${zone} ${period} ${bucket.start}`);
      }
      compare(answer.totals, expected.at(-1) ?? {}, filter, `${JSON.stringify(range)} ${zone} ${period}`);
    }),
    { numRuns: 60, seed: 7, endOnFailure: true },
  );
}, 120_000);

const fromTo = { from: "2026-03-01", to: "2026-12-01" };

test("groups, services and top users are those of the raw events", async () => {
  const where =
    "e.tenant = (select id from tenant where name = 'acme') and e.at >= '2026-03-01Z' and e.at < '2026-12-01Z'";
  const ranked = (column: string): Promise<Record<string, unknown>[]> =>
    query(
      stack.config.databaseUrl,
      `select ${column} as key, count(*)::int as n, count(distinct user_id)::int as users from events e
       where ${where} and ${column} is not null group by 1 order by 2 desc, ${column} collate "C"`,
    );
  for (const [by, column] of [
    ["service", "service"],
    ["provider", "provider"],
    ["user", "user_id"],
  ] as const) {
    type Groups = { groups: (SeriesAnswer & { key: string })[]; has_more: boolean };
    const answer = await ask<Groups>("/usage/aggregate", { period: "month", group_by: by, limit: "2", ...fromTo });
    const expected = await ranked(column);
    expect(answer.groups.map(({ key, totals }) => [key, totals["event_count"]])).toEqual(
      expected.slice(0, 2).map(({ key, n }) => [key, n]),
    );
    expect(answer.has_more).toBe(expected.length > 2);
    for (const { totals, buckets } of answer.groups) {
      expect(buckets).toHaveLength(9);
      expect(buckets.reduce((sum, bucket) => sum + (bucket["event_count"] ?? 0), 0)).toBe(totals["event_count"]);
    }
  }
  type Services = {
    event_count: number;
    services: {
      service_type: string;
      event_count: number;
      unique_users: number;
      percentage_of_total: number;
      top_users: { user_id: string; event_count: number }[];
    }[];
  };
  const services = await ask<Services>("/usage/by-service", fromTo);
  const expected = await ranked("service");
  expect(services.services.map((each) => [each.service_type, each.event_count, each.unique_users])).toEqual(
    expected.map(({ key, n, users }) => [key, n, users]),
  );
  expect(services.services.reduce((sum, each) => sum + each.percentage_of_total, 0)).toBeCloseTo(100, 6);
  for (const { service_type, top_users } of services.services) {
    const users = await query(
      stack.config.databaseUrl,
      `select user_id, count(*)::int as event_count from events e where ${where} and service = '${service_type}'
       and user_id is not null group by 1 order by 2 desc, user_id collate "C" limit 5`,
    );
    expect(top_users).toEqual(users);
  }
  type Top = { users: { user_id: string; value: number }[] };
  const byTokens = await ask<Top>("/analytics/top-users", { metric: "total_tokens", limit: "2", ...fromTo });
  const tokens = await query(
    stack.config.databaseUrl,
    `select user_id, coalesce(sum((metrics->>'total_tokens')::numeric) filter (where service <> 'custom'), 0)::float8 as value
     from events e where ${where} and user_id is not null group by 1 order by 2 desc, user_id collate "C" limit 2`,
  );
  expect(byTokens.users).toEqual(tokens);
});

test("costs add up: in all, by service, by any period and by user, to the last digit", async () => {
  type Costs = {
    total_cost: number;
    currency: string;
    cost_by_service: Record<string, number>;
    cost_by_period: { start: string; cost: number }[];
  };
  const [row] = await query(
    stack.config.databaseUrl,
    `select coalesce(sum((metrics->>'total_tokens')::numeric) filter (where service = 'llm_service'), 0) * 0.000000000002 as llm_service,
       coalesce(sum((metrics->>'request_count')::numeric) filter (where service = 'api_service'), 0) * 0.001 as api_service
     from events e where e.tenant = (select id from tenant where name = 'acme')
       and e.at >= '2026-03-01Z' and e.at < '2026-12-01Z'`,
  );
  for (const group_by of ["day", "week", "month"]) {
    const costs = await ask<Costs>("/usage/costs", { group_by, ...fromTo });
    if (group_by === "week") continue; // its weeks reach beyond the range
    expect(costs.currency).toBe("USD");
    expect(costs.cost_by_service).toEqual({
      llm_service: Number(row?.["llm_service"]),
      api_service: Number(row?.["api_service"]),
    });
    expect(costs.cost_by_period.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(costs.total_cost, 6);
  }
  const month = { from: "2026-10-20", to: "2026-10-30" };
  const [days, hours] = [
    await ask<Costs>("/usage/costs", { group_by: "day", ...month }),
    await ask<Costs>("/usage/costs", { group_by: "hour", ...month }),
  ];
  expect(hours.total_cost).toBe(days.total_cost);
  expect(hours.cost_by_period).toHaveLength(240);
  const trend = await ask<{ data_points: { value: number }[] }>("/analytics/trends", {
    metric: "total_cost",
    ...month,
  });
  expect(trend.data_points.map(({ value }) => value)).toEqual(days.cost_by_period.map(({ cost }) => cost));
  const top = await ask<{ users: { value: number }[] }>("/analytics/top-users", {
    metric: "total_cost",
    limit: "100",
    ...month,
  });
  expect(top.users.length).toBeGreaterThan(1);
  for (const [index, { value }] of top.users.entries())
    expect(value).toBeLessThanOrEqual(top.users[index - 1]?.value ?? value);
  expect(top.users.reduce((sum, { value }) => sum + value, 0)).toBeLessThanOrEqual(days.total_cost * (1 + 1e-12));
});

test("trends show the period that runs and do not compare it; a comparison is two answers of their own", async () => {
  type Trend = {
    data_points: { start: string; value: number; complete: boolean }[];
    direction: string;
    percentage_change: number | null;
  };
  for (const metricName of ["event_count", "unique_users"] as const) {
    const trend = await ask<Trend>("/analytics/trends", {
      metric: metricName,
      period: "day",
      time_zone: "Asia/Kolkata",
    });
    const series = await ask<SeriesAnswer>("/usage/aggregate", { period: "day", time_zone: "Asia/Kolkata" });
    expect(trend.data_points.map(({ value }) => value)).toEqual(series.buckets.map((bucket) => bucket[metricName]));
    expect(trend.data_points.filter(({ complete }) => !complete)).toHaveLength(1);
    expect(trend.data_points.at(-1)?.complete).toBe(false);
    const whole = trend.data_points.slice(0, -1).map(({ value }) => value);
    const half = Math.floor(whole.length / 2);
    const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0);
    const [first, second] = [sum(whole.slice(0, half)), sum(whole.slice(whole.length - half))];
    const direction = Math.abs(second - first) * 20 <= first ? "stable" : second > first ? "up" : "down";
    expect(trend.direction).toBe(direction);
  }
  type Comparison = {
    current: Measured & { from: string; to: string };
    previous: Measured & { from: string; to: string };
    change: Record<string, number | null>;
  };
  const asked = { period: "day", from: "2026-10-25", to: "2026-10-28", time_zone: "Europe/Berlin" };
  const { current, previous, change } = await ask<Comparison>("/analytics/comparison", asked);
  expect([previous.from, previous.to, current.from, current.to]).toEqual(
    ["2026-10-21T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-27T23:00:00Z"].map((each) =>
      each.replace("Z", ".000000Z"),
    ),
  );
  for (const each of [current, previous]) {
    const { totals } = await ask<SeriesAnswer>("/usage/aggregate", {
      period: "day",
      time_zone: "Europe/Berlin",
      from: each.from,
      to: each.to,
    });
    expect(each).toMatchObject(totals);
  }
  const [a, b] = [previous["event_count"] ?? 0, current["event_count"] ?? 0];
  expect(change["event_count"]).toBeCloseTo(((b - a) / a) * 100, 1);
});

test("a total is explained by its events, those that came late, and copies that were not counted", async () => {
  const start: Instant = Math.floor((now - 2 * day) / hour) * hour;
  const event = {
    event_id: crypto.randomUUID(),
    timestamp: formatInstant(start + 5),
    service_type: "custom",
    service_provider: "explained",
    metrics: {},
  };
  for (const [index, sent] of [event, { ...event, event_id: crypto.randomUUID() }].entries()) {
    const answer = await send("POST", `${stack.gateway.url}/api/v1/events`, { key: stack.keys["acme"], json: sent });
    expect(answer.status, String(index)).toBe(202);
  }
  // A copy that the gateway does not know of any more reaches the inbox.
  const [row] = await query(
    stack.config.databaseUrl,
    "select max(writer) as writer, max(seq) + 1000000 as seq from inbox",
  );
  await query(
    stack.config.databaseUrl,
    `insert into inbox select slot, shard, writer, ${String(row?.["seq"])}, tenant, events, now(), codec, body from inbox
     where position('${event.event_id}' in convert_from(body, 'UTF8')) > 0 limit 1`,
  );
  type Explained = {
    totals: Measured;
    recount_equal: boolean;
    event_count: number;
    late_count: number;
    duplicates: { events: object[] };
    events: { event_id: string; late: boolean }[];
    has_more: boolean;
  };
  await until(async () => {
    const answer = await ask<Explained>("/usage/explain", {
      period: "hour",
      start: formatInstant(start),
      service_provider: "explained",
    });
    expect(answer).toMatchObject({ recount_equal: true, event_count: 2, late_count: 2, has_more: false });
    expect(answer.totals["event_count"]).toBe(2);
    expect(answer.events.map(({ late }) => late)).toEqual([true, true]);
    expect(answer.duplicates.events).toEqual([{ event_id: event.event_id, copies: 1 }]);
  });
  // Its tenant goes to another shard from now on; what came before is in the old one.
  await query(stack.config.databaseUrl, "insert into shard (id) values (1)");
  const moved = await ask<Explained>("/usage/explain", {
    period: "hour",
    start: formatInstant(start),
    service_provider: "explained",
  });
  expect(moved.duplicates.events).toEqual([{ event_id: event.event_id, copies: 1 }]);
  await query(stack.config.databaseUrl, "delete from shard where id = 1");
  const page = await ask<Explained>("/usage/explain", {
    period: "day",
    start: formatInstant(Math.floor(start / day) * day),
    limit: "1",
  });
  expect(page).toMatchObject({ recount_equal: true, has_more: true, events: [{}] });
  await query(
    stack.config.databaseUrl,
    `update rollup set requests = requests + 1 where dimension = 'provider' and key = 'explained' and period = 'hour'`,
  );
  const wrong = await ask<Explained>("/usage/explain", {
    period: "hour",
    start: formatInstant(start),
    service_provider: "explained",
  });
  expect(wrong.recount_equal).toBe(false);
});

test("monthly summaries are shown as billing keeps them, each tenant's to itself", async () => {
  await query(
    stack.config.databaseUrl,
    `insert into billing_summary (tenant, month, total_cost, cost_by_service, cost_by_user, total_events, active_users, version)
     select id, '2026-09-01', 12.340000000001, '{"llm_service":"12.340000000001"}', '[{"user_id":"a","cost":"0.1"}]', 7, 1, 1
     from tenant where name = 'acme'
     on conflict (tenant, month) do nothing`,
  );
  type Summaries = { summaries: { month: string; total_cost: number; total_events: number }[] };
  const { summaries } = await ask<Summaries>("/billing/summaries", { limit: "120" });
  expect(summaries.find(({ month }) => month === "2026-09")).toMatchObject({
    total_cost: 12.340000000001,
    total_events: 7,
  });
  const others = await ask<Summaries>("/billing/summaries", { limit: "120" }, "other");
  expect(others.summaries.find(({ month }) => month === "2026-09")).toBeUndefined();
});
