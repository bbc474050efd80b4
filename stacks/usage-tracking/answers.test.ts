import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatInstant, parseInstant, type Instant } from "./events/instant.ts";
import type { StoredEvent } from "./events/stored-event.ts";
import { eachMeasure, sumNames } from "./rollups/measures.ts";
import { bucketOf, periods, type Period } from "./rollups/deltas.ts";
import { normal } from "./testing/apply.ts";
import { query, until } from "./testing/database.ts";
import { hasRedis, startRedis, type TestRedis } from "./testing/redis.ts";
import { sentEvents } from "./testing/sent-events.ts";
import { send, startStack, type TestStack } from "./testing/stack.ts";

const tenants = ["acme", "globex"] as const;
const now = Date.now() * 1000;
let stack: TestStack;
let redis: TestRedis | undefined;
const kept: Record<string, StoredEvent[]> = { acme: [], globex: [] };

beforeAll(async () => {
  redis = hasRedis ? await startRedis() : undefined;
  stack = await startStack(tenants, redis?.url);
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

async function ask(tenant: string, path: string): Promise<Record<string, unknown>> {
  const answer = await send("GET", `${stack.queries.url}/api/v1${path}`, { key: stack.keys[tenant] });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as Record<string, unknown>;
}

async function sendAll(tenant: string, events: readonly Record<string, unknown>[]): Promise<void> {
  const url = `${stack.gateway.url}/api/v1/events/batch`;
  const answer = await send("POST", url, { key: stack.keys[tenant], json: events });
  expect(answer.body).toMatchObject({ accepted: events.length });
  kept[tenant]?.push(...events.map((event) => normal(event, now)));
  await until(async () => {
    const text =
      "select count(*)::int as left from inbox left join shard_cursor using (shard, writer) where seq > coalesce(pos, 0)";
    const [row] = await query(stack.config.databaseUrl, text);
    if (row?.["left"] !== 0) throw new Error("expected an empty inbox");
  });
}

/** What the API must answer for these events, from first principles. */
function totalsOf(events: readonly StoredEvent[]): Record<string, number> {
  const sums = Object.fromEntries(sumNames.map((name) => [name, 0n]));
  for (const event of events) {
    eachMeasure(event, (sum, value) => {
      const name = sumNames[sum] ?? "";
      sums[name] = (sums[name] ?? 0n) + BigInt(value);
    });
  }
  const { latency_us: latency = 0n, errors = 0n, custom_units: units = 0n, ...rest } = sums;
  return {
    event_count: events.length,
    ...Object.fromEntries(Object.entries(rest).map(([name, sum]) => [name, Number(sum)] as const)),
    error_count: Number(errors),
    custom_units: Number(`${units}e-6`),
    latency_ms_sum: Number(`${latency}e-3`),
  };
}

interface Question {
  readonly tenant: (typeof tenants)[number];
  readonly period: Period;
  readonly back: number;
  readonly length: number;
  readonly filter: "none" | "service_type" | "service_provider" | "user_id";
  readonly name: string;
}

const filterOf = { none: undefined, service_type: "service", service_provider: "provider", user_id: "user" } as const;

function expectedSeries(question: Question, from: Instant, to: Instant): unknown {
  const { period, filter, name } = question;
  const field = filterOf[filter];
  const events = (kept[question.tenant] ?? []).filter((event) => field === undefined || event[field] === name);
  const first = bucketOf(period, from);
  const end = bucketOf(period, to + periods[period] - 1);
  const inRange = events.filter((event) => event.at >= first && event.at < end);
  const buckets = [];
  for (let start = first; start < end; start += periods[period]) {
    const own = inRange.filter((event) => bucketOf(period, event.at) === start);
    buckets.push({ start: formatInstant(start), ...totalsOf(own) });
  }
  return { from: formatInstant(first), to: formatInstant(end), totals: totalsOf(inRange), buckets };
}

test("totals answer any question as the raw events do, asked once or twice, with more events coming in between", async () => {
  const name = fc.constantFrom("a", "b", "é\t\\", "llm_service", "custom");
  const question: fc.Arbitrary<Question> = fc.record({
    tenant: fc.constantFrom(...tenants),
    period: fc.constantFrom("hour", "day"),
    back: fc.nat({ max: 12 * 24 * 3600 }),
    length: fc.integer({ min: 1, max: 12 * 24 * 3600 }),
    filter: fc.constantFrom("none", "service_type", "service_provider", "user_id"),
    name,
  });
  const batch = fc.record({
    tenant: fc.constantFrom(...tenants),
    events: fc.array(sentEvents({ now, few: true }), { minLength: 1, maxLength: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(
      batch,
      fc.array(question, { minLength: 1, maxLength: 6 }),
      async ({ tenant, events }, questions) => {
        await sendAll(tenant, events);
        for (const each of questions) {
          const from = now - each.back * 1e6;
          const range = { from: formatInstant(from), to: formatInstant(from + each.length * 1e6) };
          if (each.filter === "service_type" && !["llm_service", "custom"].includes(each.name)) continue;
          const filter = each.filter === "none" ? {} : { [each.filter]: each.name };
          const path = `/usage/aggregate?${new URLSearchParams({ period: each.period, ...range, ...filter })}`;
          const expected = expectedSeries(each, from, from + each.length * 1e6);
          expect(await ask(each.tenant, path)).toMatchObject(expected as object);
          expect(await ask(each.tenant, path)).toMatchObject(expected as object);
        }
      },
    ),
    { numRuns: 15, endOnFailure: true },
  );
}, 240_000);

test("an answer that was kept is not shown once there is more to tell", async () => {
  const range = { from: formatInstant(now - 5 * periods.day), to: formatInstant(now) };
  const path = `/usage/aggregate?${new URLSearchParams({ period: "hour", ...range })}`;
  for (let round = 0; round < 4; round++) {
    for (const tenant of tenants) {
      const timestamp = formatInstant(now - periods.day);
      const event = {
        event_id: crypto.randomUUID(),
        timestamp,
        service_type: "custom",
        service_provider: "p",
        metrics: {},
      };
      await sendAll(tenant, [event]);
      for (let asked = 0; asked < 3; asked++) {
        const { totals } = await ask(tenant, path);
        const first = bucketOf("hour", now - 5 * periods.day);
        expect(totals).toMatchObject(totalsOf((kept[tenant] ?? []).filter((each) => each.at >= first)));
      }
    }
  }
});

test("groups are the busiest keys first, each with its own gap-free series", async () => {
  for (const tenant of tenants) {
    for (const by of ["service", "provider", "user"] as const) {
      const answer = await ask(tenant, `/usage/aggregate?period=day&group_by=${by}&limit=2`);
      const groups = Map.groupBy(kept[tenant] ?? [], (event) => event[by]);
      groups.delete(undefined);
      const expected = [...groups]
        .toSorted(([a = "", x], [b = "", y]) => y.length - x.length || Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .slice(0, 2);
      const got = answer["groups"] as { key: string; totals: object; buckets: { event_count: number }[] }[];
      expect(got.map(({ key, totals }) => [key, totals])).toMatchObject(
        expected.map(([key, events]) => [key, totalsOf(events)]),
      );
      for (const { buckets, totals } of got) {
        expect(buckets).toHaveLength(31);
        expect(totals).toMatchObject({ event_count: buckets.reduce((sum, bucket) => sum + bucket.event_count, 0) });
      }
      expect(answer["has_more"]).toBe(groups.size > 2);
    }
  }
});

test("pages of any size show every event once, newest first", async () => {
  for (const tenant of tenants) {
    for (const [limit, user] of [
      [7, undefined],
      [1000, undefined],
      [3, "a"],
    ] as const) {
      const expected = (kept[tenant] ?? [])
        .filter((event) => user === undefined || event.user === user)
        .toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      const filter = { limit: String(limit), ...(user !== undefined && { user_id: user }) };
      const seen: unknown[] = [];
      let cursor: string | undefined;
      do {
        const page = await ask(
          tenant,
          `/usage?${new URLSearchParams({ ...filter, ...(cursor !== undefined && { cursor }) })}`,
        );
        const events = page["events"] as unknown[];
        expect(events.length).toBeLessThanOrEqual(limit);
        seen.push(...events);
        cursor = page["next_cursor"] as string | undefined;
        expect(page["has_more"]).toBe(cursor !== undefined);
      } while (cursor !== undefined);
      expect(seen).toMatchObject(
        expected.map((event) => ({
          event_id: event.id,
          timestamp: formatInstant(event.at),
          user_id: event.user ?? null,
          tags: event.tags,
          metadata: event.metadata,
          metrics: event.metrics,
        })),
      );
    }
    const all = await ask(tenant, "/usage?limit=1&include_total=true");
    expect(all["total_count"]).toBe(kept[tenant]?.length);
  }
});

test("a page of large events ends early and goes on with its cursor", async () => {
  const large = Array.from({ length: 160 }, (_, index) => ({
    event_id: crypto.randomUUID(),
    timestamp: formatInstant((parseInstant("2025-01-01T00:00:00Z") ?? 0) + index),
    service_type: "custom",
    service_provider: "p",
    metrics: { text: "x".repeat(60_000) },
  }));
  for (let start = 0; start < large.length; start += 40) await sendAll("acme", large.slice(start, start + 40));
  const range = "from=2025-01-01&to=2025-01-02";
  const sizes: number[] = [];
  let cursor = "";
  do {
    const page = await ask("acme", `/usage?${range}&limit=10000${cursor}`);
    sizes.push((page["events"] as unknown[]).length);
    cursor = page["has_more"] === true ? `&cursor=${String(page["next_cursor"])}` : "";
  } while (cursor !== "");
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(large.length);
  expect(sizes).toHaveLength(2);
});

test.skipIf(!hasRedis)(
  `repeated questions come from the cache${hasRedis ? "" : " (skipped: no redis-server on the PATH)"}`,
  async () => {
    const path = "/usage/aggregate?period=day&from=2026-01-01&to=2026-01-03";
    await until(async () => {
      await ask("acme", path);
      const metrics = (await send("GET", `${stack.queries.management}/metrics`)).text;
      if (!/^usage_queries_total\{query="aggregate",cache="hit"\} [1-9]/m.test(metrics))
        throw new Error("expected a hit");
    });
    await redis?.crash();
    await ask("acme", path);
    await ask("globex", path);
  },
);
