import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addRule } from "../../billing/change-rules.ts";
import { parseRule, type WrittenRule } from "../../billing/parse-rule.ts";
import { readCosts, readUserCosts } from "../../billing/read-costs.ts";
import { dayOf, readRules } from "../../billing/stored-rule.ts";
import { bucketOf } from "../../rollups/deltas.ts";
import { formatInstant, parseInstant } from "../../events/instant.ts";
import type { StoredEvent } from "../../events/stored-event.ts";
import type { InboxRow } from "../../inbox/queue.ts";
import { applyRows, inboxRow, normal, openClient } from "../../testing/apply.ts";
import { query, startDatabase, type TestDatabase } from "../../testing/database.ts";
import { driftEverywhere } from "../../testing/drift.ts";
import { migratedDatabase } from "../../testing/migrated-database.ts";
import { endOf } from "../../rollups/periods.ts";
import { costOracle } from "../../testing/cost-oracle.ts";
import { sentEvents } from "../../testing/sent-events.ts";
import type { OwnedShard } from "./apply-batch.ts";
import { claimShard } from "./claim-shard.ts";
import { createKnown } from "./known.ts";

const now = parseInstant("2026-11-20T12:00:00Z") ?? 0;
let server: TestDatabase;
let databases = 0;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

async function freshDatabase(): Promise<string> {
  const url = await migratedDatabase(server, `apply_${databases++}`);
  await query(url, "insert into inbox_writer values (0), (1)");
  return url;
}

async function own(client: Client): Promise<OwnedShard> {
  const claim = await claimShard(client, 0);
  if (!claim) throw new Error("expected the shard to be free");
  return claim.owned;
}

function llm(overrides: Record<string, unknown> = {}): StoredEvent {
  return normal(
    {
      event_id: randomUUID(),
      timestamp: "2026-11-20T11:00:00Z",
      service_type: "llm_service",
      service_provider: "openai",
      model: "m",
      input_tokens: 10,
      output_tokens: 5,
      user_id: "u",
      ...overrides,
    },
    now,
  );
}

/** Everything that processing changed, in one comparable value. */
async function state(url: string): Promise<unknown> {
  const events =
    "select tenant, at, id, service, provider, type, user_id, tags, metadata, metrics from events order by 1, 3";
  const rollups = ["rollup", "rollup_model", "rollup_user", "rollup_active", "user_number"];
  const tables = [
    ...rollups.map((table) => `select r.* from ${table} r order by r`),
    "select * from shard_cursor order by 1, 2",
    "select * from dedupe_key order by 1, 2",
  ];
  return Promise.all([events, ...tables].map((text) => query(url, text)));
}

test("events, keys, totals and cursor are written together", async () => {
  const url = await freshDatabase();
  await using client = await openClient(url);
  const event = llm({ metadata: { note: 'tab\t\\ "q" é\n' }, tags: ['a,"b\\', "c\t"], latency_ms: 12.345 });
  const applied = await applyRows(client, await own(client), [inboxRow(5, 1, [event, llm()])], createKnown(), false);
  expect(applied).toEqual({ stored: 2, duplicates: 0, dead: 0 });
  const [row] = await query(url, `select * from events where id = '${event.id}'`);
  expect(row).toMatchObject({ tags: event.tags, metadata: event.metadata, metrics: event.metrics, user_id: "u" });
  expect(await query(url, "select * from shard_cursor")).toEqual([{ shard: 0, writer: 0, pos: "5" }]);
  const totals = await query(url, "select * from rollup where dimension = 'all' and period = 'day'");
  expect(totals).toMatchObject([{ events: "2", total_tokens: "30", latency_count: "1", latency_us: "12345" }]);
  expect(await query(url, "select * from tenant_version")).toEqual([{ tenant: 1, version: "1" }]);
});

test("an id counts once per tenant, whatever its time and content, in one batch, over batches and after a restart", async () => {
  const url = await freshDatabase();
  const first = llm();
  const again = { ...first, at: bucketOf("day", now - 40 * 86_400e6), metrics: { ...first.metrics, input_tokens: 99 } };
  {
    await using client = await openClient(url);
    const owned = await own(client);
    const known = createKnown();
    const results = [
      await applyRows(client, owned, [inboxRow(1, 1, [first, again]), inboxRow(1, 1, [again], 1)], known, false),
      await applyRows(client, owned, [inboxRow(2, 1, [again, llm()])], known, false),
      await applyRows(client, owned, [inboxRow(3, 1, [llm(), first])], known, true),
      await applyRows(client, owned, [inboxRow(4, 2, [first])], known, false),
    ];
    expect(results.map(({ stored, duplicates }) => [stored, duplicates])).toEqual([
      [1, 2],
      [1, 1],
      [1, 1],
      [1, 0],
    ]);
  }
  await using client = await openClient(url);
  await applyRows(client, await own(client), [inboxRow(5, 1, [first])], createKnown(), false);
  expect(await query(url, "select writer, pos::int from shard_cursor order by 1")).toEqual([
    { writer: 0, pos: 5 },
    { writer: 1, pos: 1 },
  ]);
  expect(
    await query(
      url,
      `select count(*)::int as n, count(distinct tenant)::int as t from events where id = '${first.id}'`,
    ),
  ).toEqual([{ n: 2, t: 2 }]);
  expect(await driftEverywhere(client)).toEqual([]);
});

test("a batch that failed or was applied twice over changes nothing: every step of the transaction fails once", async () => {
  const url = await freshDatabase();
  await using client = await openClient(url);
  const owned = await own(client);
  const known = createKnown();
  const old = llm();
  await applyRows(client, owned, [inboxRow(1, 1, [old])], known, false);
  const broken = { ...llm(), at: now, user: "a\0b" };
  const rows = [
    inboxRow(2, 1, [llm(), llm({ timestamp: "2024-02-29T23:59:59.9Z" }), old]),
    inboxRow(1, 2, [broken], 1),
  ];
  const before = await state(url);
  let step = 0;
  for (; ; step++) {
    const failing = failAt(client, step);
    const outcome = await applyRows(failing, owned, rows, known, false).catch((error: unknown) => error);
    if (!(outcome instanceof Error)) break;
    expect(String(outcome)).toContain("injected");
    expect(await state(url)).toEqual(before);
  }
  expect(step).toBeGreaterThan(15);
  expect(
    await query(url, "select stored, reason from (select count(*)::int as stored from events) e, dead_letter_events"),
  ).toEqual([{ stored: 3, reason: "rejected" }]);
  expect(await driftEverywhere(client)).toEqual([]);
});

test("what cannot be stored goes to the dead letters with its reason and holds nothing up", async () => {
  const url = await freshDatabase();
  await using client = await openClient(url);
  const good = Array.from({ length: 9 }, () => llm());
  const bad = [
    { ...llm(), user: "a\0b" },
    { ...llm(), id: "no-uuid" },
    { ...llm(), metrics: { input_tokens: 1.5 } },
    { ...llm(), metadata: { a: "\0" } },
  ];
  const mixed = [...good.slice(0, 4), bad[0], ...good.slice(4, 6), bad[1], bad[2], ...good.slice(6), bad[3]].flatMap(
    (event) => event ?? [],
  );
  const body = (text: string): InboxRow => ({ ...inboxRow(0, 1, []), body: Buffer.from(text) });
  const rows = [
    { ...body("not json"), seq: 1n },
    { ...body('{"a":1}'), seq: 2n },
    { ...body('[1,{"id":5}]'), seq: 3n },
    { ...body("[]"), seq: 4n, codec: 99 },
    inboxRow(5, 1, mixed),
    { ...body("[\0]"), seq: 6n },
  ];
  expect(await applyRows(client, await own(client), rows, createKnown(), false)).toEqual({
    stored: 9,
    duplicates: 0,
    dead: 10,
  });
  const letters = await query(
    url,
    "select seq::int, index, reason, event_id, detail from dead_letter_events order by 1, 2",
  );
  expect(letters.map(({ seq, index, reason }) => [seq, index, reason])).toEqual([
    [1, null, "undecodable"],
    [2, null, "undecodable"],
    [3, 0, "undecodable"],
    [3, 1, "undecodable"],
    [4, null, "undecodable"],
    [5, 4, "rejected"],
    [5, 7, "rejected"],
    [5, 8, "rejected"],
    [5, 12, "rejected"],
    [6, null, "undecodable"],
  ]);
  expect(letters[5]).toMatchObject({ event_id: bad[0]?.id, detail: expect.stringContaining("22021") as string });
  expect(letters[9]).toMatchObject({ detail: expect.stringContaining("\\u0000") as string });
  expect(await driftEverywhere(client)).toEqual([]);
});

test("a processor that lost its shard commits nothing", async () => {
  const url = await freshDatabase();
  await using old = await openClient(url);
  const owned = await own(old);
  await using other = await openClient(url);
  expect(await claimShard(other, 0)).toBeUndefined();
  await query(url, "update shard set epoch = epoch + 1"); // what a claim does, had the lock been lost
  await expect(applyRows(old, owned, [inboxRow(1, 1, [llm()])], createKnown(), false)).rejects.toThrow(
    "claimed by another",
  );
  expect(await query(url, "select count(*)::int as n from events")).toEqual([{ n: 0 }]);
});

test("totals equal raw events after any sequence of batches, late and repeated events included", async () => {
  const url = await freshDatabase();
  await using client = await openClient(url);
  const owned = await own(client);
  const known = createKnown();
  const pool: { tenant: number; event: StoredEvent }[] = [];
  let seq = 0;
  const one = fc.record({
    tenant: fc.integer({ min: 1, max: 2 }),
    sent: sentEvents({ now, few: true }),
    repeat: fc.option(fc.nat(), { freq: 3 }),
    moved: fc.nat({ max: 90 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 25 }), fc.boolean(), async (steps, suspect) => {
      const chosen = steps.map(({ tenant, sent, repeat, moved }) => {
        const old = repeat === null ? undefined : pool[repeat % Math.max(1, pool.length)];
        if (old) return { ...old, event: { ...old.event, at: old.event.at - moved * 86_400e6 } };
        const fresh = { tenant, event: normal(sent, now) };
        pool.push(fresh);
        return fresh;
      });
      const rows = chosen.map(({ tenant, event }) => inboxRow(++seq, tenant, [event]));
      const { dead } = await applyRows(client, owned, rows, known, suspect);
      expect(dead).toBe(0);
    }),
    { numRuns: 150, endOnFailure: true },
  );
  const distinct = new Set(pool.map(({ tenant, event }) => `${tenant} ${event.id}`));
  expect(await query(url, "select count(*)::int as n from events")).toEqual([{ n: distinct.size }]);
  expect(await driftEverywhere(client)).toEqual([]);
  await expectCostsOfOracle(client);
  await query(
    url,
    "update rollup set pages = pages + 1 where (tenant, dimension, period, bucket, key) = (select tenant, dimension, period, bucket, key from rollup where period = 'hour' limit 1)",
  );
  expect(await driftEverywhere(client)).toHaveLength(2); // the hour against raw, the day against its hours
}, 180_000);

const rules: readonly WrittenRule[] = [
  { service: "llm_service", part: ["tokens=0..5000000000000000:0.002,5000000000000000..:0.000001"], minimum: "7" },
  { service: "llm_service", provider: "a", model: "b", part: ["input_tokens=0.1", "output_tokens=0.000000000001"] },
  { service: "llm_service", provider: "b", from: "2026-11-15", until: "2026-11-18", part: ["minutes=0.07"] },
  { service: "api_service", part: ["minutes=0.07", "requests=0..5:1,5..:0.5"] },
  { service: "document_processor", part: ["pages=0.01", "bytes=0.000000000001"] },
  { service: "custom", part: ["custom=3"] },
];

/** Every tenant's months cost what the oracle says, and what their users cost adds up to that. */
async function expectCostsOfOracle(client: Client): Promise<void> {
  for (const rule of rules) await addRule(client, parseRule({ from: "2020-01-01", ...rule }));
  const oracle = await client.query<{ tenant: number; month: string; cost: string }>(
    `select tenant, month, (sum(cost) * 1000000000000)::numeric(60, 0)::text as cost from (${costOracle}) c group by 1, 2`,
  );
  expect(oracle.rows.map(({ tenant, month }) => `${tenant} ${month}`).toSorted()).toEqual([
    "1 2026-11-01",
    "2 2026-11-01",
  ]);
  const stored = await readRules(client);
  for (const { tenant, month, cost } of oracle.rows) {
    const from = dayOf(month) ?? 0;
    const range = { from, to: endOf("month", from) };
    const sum = (costs: readonly { readonly cost: bigint }[]): string =>
      costs.reduce((all, each) => all + each.cost, 0n).toString();
    const costs = await readCosts(client, tenant, range, "day", stored);
    expect(sum(costs), `${tenant} ${month}`).toBe(cost);
    expect(sum(await readCosts(client, tenant, range, "hour", stored))).toBe(cost);
    expect(sum(await readUserCosts(client, tenant, range, costs, stored))).toBe(cost);
  }
}

/** A client whose statement number `step` (rollbacks not counted) fails instead of being sent. */
function failAt(client: Client, step: number): Client {
  let count = 0;
  return new Proxy(client, {
    get: (target, name) => {
      if (name !== "query") return Reflect.get(target, name) as unknown;
      return (...args: [string]) => {
        if (!String(args[0]).startsWith("rollback") && count++ === step) throw new Error(`injected at ${step}`);
        return target.query(...args);
      };
    },
  });
}

test("formatInstant keeps what the key table needs to find an event", async () => {
  const url = await freshDatabase();
  await using client = await openClient(url);
  const event = llm({ timestamp: "2023-11-16T18:15:46.6805909Z" });
  await applyRows(client, await own(client), [inboxRow(1, 1, [event])], createKnown(), false);
  const found = await client.query(
    'select to_char(e.at, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') as at from dedupe_key k join events e on e.at = k.at and e.id = k.key',
  );
  expect(found.rows).toEqual([{ at: formatInstant(event.at) }]);
});
