import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query, startDatabase, until, type TestDatabase } from "../../testing/database.ts";
import { applyRows, openClient, inboxRow, normal } from "../../testing/apply.ts";
import { runProgram, startProgram, type RunningProgram } from "../../testing/programs.ts";
import { send } from "../../testing/stack.ts";
import { claimShard } from "../event-processor/claim-shard.ts";
import { createKnown } from "../event-processor/known.ts";
import { parseInstant } from "../../events/instant.ts";
import { endOf, startOf } from "../../rollups/periods.ts";
import { migratedDatabase } from "../../testing/migrated-database.ts";
import { driftOf } from "./audit.ts";
import { bucketsOfDay, daysOfMonth, monthsToAudit, wholeBuckets } from "./audit-buckets.ts";

const pepper = "aggregation-pepper-".repeat(3);
// Whatever the date: nothing of a test is too old.
const env = { AUDIT_EVERY_SECONDS: "1", EVENT_DAYS: "36500", ROLLUP_DAYS: "36500" };
let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

async function start(name: string): Promise<{ url: string; program: RunningProgram }> {
  const databaseUrl = await server.create(name);
  const config = { databaseUrl, pepper, env };
  expect((await runProgram("migrate", config)).code).toBe(0);
  const program = await startProgram("aggregation-service", config);
  await program.ready();
  return { url: databaseUrl, program };
}

async function metric(program: RunningProgram, pattern: RegExp): Promise<number> {
  const { text } = await send("GET", `${program.management}/metrics`);
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
}

const driftCount = (program: RunningProgram): Promise<number> => metric(program, /^usage_rollup_drift_total (\S+)$/m);
const hoursOf = (program: RunningProgram): Promise<number> =>
  metric(program, /^usage_audited_buckets_total\{period="hour"\} (\S+)$/m);

async function applyOne(url: string, timestamp: string): Promise<void> {
  await using client = await openClient(url);
  await client.query("insert into inbox_writer values (0) on conflict do nothing");
  const claim = await claimShard(client, 0);
  if (!claim) throw new Error("expected the shard to be free");
  const event = normal(
    {
      event_id: randomUUID(),
      timestamp,
      service_type: "api_service",
      service_provider: "p",
      user_id: "u",
      endpoint: "/",
      method: "GET",
      status_code: 500,
      response_time_ms: 12.5,
    },
    Date.now() * 1000,
  );
  await applyRows(client, claim.owned, [inboxRow(1, 1, [event])], createKnown(), false);
}

test("the audit counts drift, and none while there is none", async () => {
  const { url, program } = await start("drift");
  await using _ = program;
  await applyOne(url, "2024-02-29T13:59:59Z");
  await until(async () => {
    if (!((await hoursOf(program)) >= 24)) throw new Error("expected the day to be audited");
  }, 120_000);
  expect(await driftCount(program)).toBe(0);
  await query(url, "update rollup set bytes = bytes + 1 where period = 'day' and dimension = 'all'");
  await until(async () => {
    if (!((await driftCount(program)) > 0)) throw new Error("expected drift");
  }, 120_000);
  expect(program.log()).toContain("totals differ from their raw events");
}, 300_000);

test.each([
  ["a wrong sum of an hour", "hour", "update rollup set bytes = bytes + 1 where period = 'hour' and dimension = 'all'"],
  ["a wrong sum of a day", "day", "update rollup set latency_us = 1 where period = 'day' and dimension = 'service'"],
  ["a wrong sum of a week", "week", "update rollup set errors = 7 where period = 'week' and dimension = 'user'"],
  ["a wrong sum of a month", "month", "update rollup set custom_units = 7 where period = 'month' and key = ''"],
  ["a wrong count", "hour", "update rollup set events = 2 where period = 'hour' and dimension = 'provider'"],
  ["no total of an hour", "hour", "delete from rollup where period = 'hour' and dimension = 'provider'"],
  ["no total of a day", "day", "delete from rollup where period = 'day' and dimension = 'user'"],
  ["no total of a month", "month", "delete from rollup where period = 'month' and dimension = 'user'"],
  ["a total of nothing", "hour", copyOf("rollup", { key: "'ghost'" })],
  ["a latency that was not", "hour", "update rollup set latency = latency || 2048::bigint where period = 'hour'"],
  ["a latency that is gone", "week", "update rollup set latency = '{}' where period = 'week'"],
  ["a user too many", "month", "update rollup_active set users = users || 2049::bigint where period = 'month'"],
  ["an event too many of a user", "day", "update rollup_active set users = users || 2048::bigint where period = 'day'"],
  ["a user that is gone", "week", "delete from rollup_active where period = 'week' and dimension = 'service'"],
  ["a user that was not", "hour", copyOf("rollup_active", { chunk: "1" })],
  ["a user without a number", "hour", "delete from user_number"],
  ["a wrong volume of a model", "hour", "update rollup_model set custom_units = 1 where period = 'hour'"],
  ["no volume of a model", "day", "delete from rollup_model where period = 'day'"],
  ["a wrong volume of a user", "day", "update rollup_user set events = 2"],
  ["a volume of another cell", "day", "update rollup_user set cell = gen_random_uuid()"],
  ["an event that was not counted", "hour", copyOf("events", { id: "gen_random_uuid()" })],
  ["an event of another tenant", "hour", copyOf("events", { tenant: "2" })],
  ["an event of another user", "day", "update events set user_id = 'other'"],
  ["an event that is gone", "hour", "delete from events"],
] as const)("drift is seen: %s", async (_name, period, damage) => {
  const url = await damagedDatabase();
  await using client = await openClient(url);
  const at = parseInstant("2024-02-29T13:59:59Z") ?? 0;
  const drift = (): Promise<unknown[]> => driftOf(client, { period, from: startOf(period, at), to: endOf(period, at) });
  expect(await drift()).toEqual([]);
  await client.query("begin");
  await client.query(damage);
  expect(await drift()).not.toEqual([]);
  await client.query("rollback");
});

/** A statement that adds a copy of a row with some columns changed. */
function copyOf(table: "events" | "rollup" | "rollup_active", changed: Readonly<Record<string, string>>): string {
  const changes = Object.entries(changed).map(([column, value]) => `${column} = ${value}`);
  return `create temp table copied on commit drop as select * from ${table} ${table === "events" ? "" : "where period = 'hour'"} limit 1;
    update copied set ${changes.join(", ")}; insert into ${table} select * from copied`;
}

let damaged: string | undefined;
async function damagedDatabase(): Promise<string> {
  if (damaged === undefined) {
    damaged = await migratedDatabase(server, "damaged");
    await applyOne(damaged, "2024-02-29T13:59:59Z");
  }
  return damaged;
}

test("a partition is made for the month and year in UTC, whatever the session's time zone", async () => {
  const url = await damagedDatabase();
  const moments = ["2023-11-30T23:59:59.999999Z", "2022-12-01T00:00:00Z"];
  for (const zone of ["America/New_York", "Asia/Tokyo"]) {
    for (const moment of moments) {
      await query(url, `set timezone = '${zone}'; select ensure_event_partitions('${moment}')`);
    }
  }
  const made = await query(
    url,
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds from pg_class c
     where c.relname ~ '^(events|rollup|rollup_active)_202[23]\\d*$' order by 1`,
  );
  const bounds = (from: string, to: string): string =>
    `FOR VALUES FROM ('${from} 00:00:00+00') TO ('${to} 00:00:00+00')`;
  expect(made).toEqual([
    { name: "events_202212", bounds: bounds("2022-12-01", "2023-01-01") },
    { name: "events_202311", bounds: bounds("2023-11-01", "2023-12-01") },
    { name: "rollup_2022", bounds: bounds("2022-01-01", "2023-01-01") },
    { name: "rollup_2023", bounds: bounds("2023-01-01", "2024-01-01") },
    { name: "rollup_active_2022", bounds: bounds("2022-01-01", "2023-01-01") },
    { name: "rollup_active_2023", bounds: bounds("2023-01-01", "2024-01-01") },
  ]);
});

test("partitions are there ahead of time, and stay as they are", async () => {
  const { url, program } = await start("partitions");
  const partitions =
    "select inhrelid::regclass::text as name from pg_inherits where inhparent::regclass::text in ('events', 'rollup', 'dead_letter_events') order by 1";
  const made = await until(async () => {
    const rows = await query(url, partitions);
    if (rows.length < 7) throw new Error(`expected partitions, got ${rows.length}`);
    return rows;
  });
  const [months] = await query(
    url,
    "select array_agg('events_' || to_char(now() at time zone 'UTC' + n * interval '1 month', 'YYYYMM')) as names from generate_series(0, 2) n",
  );
  expect(made.map((row) => row["name"])).toEqual(expect.arrayContaining(months?.["names"] as string[]));
  expect(await program.stop()).toBe(0);
  const again = await startProgram("aggregation-service", { databaseUrl: url, pepper, env });
  await using _ = again;
  await again.ready();
  expect(await query(url, partitions)).toEqual(made);
});

test("a slot of the inbox is emptied once all of it is processed, and never before", async () => {
  const { url, program } = await start("slots");
  const [row] = await query(url, "select inbox_slot(now()) as current");
  const current = Number(row?.["current"]);
  const [old, waiting, next] = [4, 3, 1].map((ahead) => (current + ahead) % 8);
  await query(url, "insert into inbox_writer values (0); insert into shard_cursor values (0, 0, 10)");
  const insert = (slot: number | undefined, seq: number): string =>
    `insert into inbox values (${slot}, 0, 0, ${seq}, 1, 1, now(), 1, '[]');`;
  await query(
    url,
    [
      insert(old, 1),
      insert(old, 10),
      insert(waiting, 2),
      insert(waiting, 11),
      insert(next, 3),
      insert(current, 4),
    ].join(""),
  );
  await program.stop(); // the next one looks at once
  const again = await startProgram("aggregation-service", { databaseUrl: url, pepper, env });
  await using _ = again;
  await until(async () => {
    const left = await query(url, "select slot, seq::int from inbox order by seq");
    if (left.length > 4) throw new Error("expected the processed slot to be emptied");
    expect(left.map((each) => each["seq"])).toEqual([2, 3, 4, 11]);
  });
});

test("what is audited: months newest first, their weeks and days, a day with its hours and itself", () => {
  const at = (text: string): number => parseInstant(`${text}Z`) ?? 0;
  const now = at("2024-03-02T23:30:00");
  const months = monthsToAudit(["202402", "202401", "202403", "202405"], now);
  expect(months).toEqual([at("2024-03-01T00:00:00"), at("2024-02-01T00:00:00"), at("2024-01-01T00:00:00")]);
  const days = daysOfMonth(at("2024-03-01T00:00:00"), now);
  // Events may be up to an hour ahead.
  expect(days).toEqual([at("2024-03-03T00:00:00"), at("2024-03-02T00:00:00"), at("2024-03-01T00:00:00")]);
  expect(daysOfMonth(at("2024-02-01T00:00:00"), now)).toHaveLength(29);
  const whole = wholeBuckets(at("2024-03-01T00:00:00"));
  expect(whole[0]).toEqual({ period: "month", from: at("2024-03-01T00:00:00"), to: at("2024-04-01T00:00:00") });
  expect(whole[1]).toEqual({ period: "week", from: at("2024-02-26T00:00:00"), to: at("2024-03-04T00:00:00") });
  expect(whole).toHaveLength(6);
  const buckets = bucketsOfDay(at("2024-03-01T00:00:00"));
  expect(buckets).toHaveLength(25);
  expect(buckets[23]).toMatchObject({ period: "hour", from: at("2024-03-01T23:00:00") });
  expect(buckets[24]).toMatchObject({ period: "day", from: at("2024-03-01T00:00:00") });
});
