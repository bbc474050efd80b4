import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeBody, encodeEvent } from "../../events/stored-event.ts";
import { writeGroup } from "../../inbox/write-group.ts";
import { normal, openClient } from "../../testing/apply.ts";
import { query, startDatabase, until, type TestDatabase } from "../../testing/database.ts";
import { driftEverywhere } from "../../testing/drift.ts";
import { migratedDatabase } from "../../testing/migrated-database.ts";
import { runProgram, startProgram, type RunningProgram } from "../../testing/programs.ts";
import { send } from "../../testing/stack.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

const tenants = 4;
let seq = 0n;

/** One request of ten events for each tenant, of the same users. */
async function fill(url: string): Promise<void> {
  await using client = await openClient(url);
  const event = (n: number) =>
    normal(
      {
        event_id: randomUUID(),
        timestamp: "2026-11-20T10:00:00Z",
        service_type: "custom",
        service_provider: "p",
        user_id: `user-${n % 3}`,
        metrics: { units: 1 },
      },
      Date.UTC(2026, 10, 20, 12) * 1000,
    );
  const items = Array.from({ length: tenants }, (_, tenant) => {
    const events = Array.from({ length: 10 }, (__, n) => encodeEvent(event(n)));
    return { tenant: 1 + tenant, events: events.length, body: encodeBody(events) };
  });
  await writeGroup(client, 0, seq, items);
  seq += BigInt(items.length);
}

async function counted(url: string, expected: number): Promise<void> {
  await until(async () => {
    const [row] = await query(
      url,
      "select coalesce(sum(events), 0)::int as n from rollup where dimension = 'all' and period = 'day'",
    );
    if (row?.["n"] !== expected)
      throw new Error(`expected ${expected} events to be counted, got ${String(row?.["n"])}`);
  });
}

/** How many shards a process owns. */
async function owned(program: RunningProgram): Promise<number> {
  const { text } = await send("GET", `${program.management}/metrics`);
  return [...text.matchAll(/^usage_shard_owner\{shard="\d"\} 1$/gm)].length;
}

test("two processes share two shards, one takes over both when the other is killed; shards grow and never shrink", async () => {
  const databaseUrl = await server.create("shards");
  const config = { databaseUrl, pepper: "shards-pepper-".repeat(3), env: { SHARDS: "1" } };
  const migrate = (shards: number) => runProgram("migrate", { ...config, env: { SHARDS: String(shards) } });
  expect((await migrate(1)).code).toBe(0);
  await query(
    databaseUrl,
    `insert into tenant (name) select 'tenant-' || n from generate_series(1, ${tenants}) n; insert into inbox_writer values (0)`,
  );
  await fill(databaseUrl); // waits in shard 0, and is processed there
  expect((await migrate(2)).code).toBe(0);
  const shrunk = await migrate(1);
  expect(shrunk.code).not.toBe(0);
  expect(shrunk.stdout + shrunk.stderr).toContain("expected shards to be 2 or more");
  await fill(databaseUrl);
  expect(await query(databaseUrl, "select shard, count(*)::int as n from inbox group by 1 order by 1")).toEqual([
    { shard: 0, n: tenants + tenants / 2 },
    { shard: 1, n: tenants / 2 },
  ]);

  const two = { ...config, env: { SHARDS: "2" } };
  await using first = await startProgram("event-processor", two);
  await using second = await startProgram("event-processor", two);
  await counted(databaseUrl, 2 * 10 * tenants);
  await until(async () => {
    const each = [await owned(first), await owned(second)] as const;
    if (each[0] + each[1] !== 2) throw new Error(`expected both shards to be owned, got ${each.join(" and ")}`);
  });
  await second.crash();
  await fill(databaseUrl);
  await counted(databaseUrl, 3 * 10 * tenants);
  await until(async () => {
    if ((await owned(first)) !== 2) throw new Error("expected the one that is left to own both");
  });
  await using client = await openClient(databaseUrl);
  expect(await driftEverywhere(client)).toEqual([]);
  expect(
    await query(
      databaseUrl,
      "select distinct cardinality(compact_counts(users)) as users from rollup_active where dimension = 'all'",
    ),
  ).toEqual([{ users: 3 }]);
}, 180_000);

test("of two that make one partition at one moment the second waits, and finds it made", async () => {
  const databaseUrl = await migratedDatabase(server, "partitions");
  await using first = await openClient(databaseUrl);
  await using second = await openClient(databaseUrl);
  const make = "select ensure_event_partitions('2031-05-01T00:00:00Z')";
  await first.query("begin");
  await first.query(make);
  const made = second.query(make);
  await until(async () => {
    const waiting = await query(databaseUrl, "select from pg_locks where locktype = 'advisory' and not granted");
    if (waiting.length === 0) throw new Error("expected the second to wait for the first");
  });
  await first.query("commit");
  await made;
  expect(await query(databaseUrl, "select from pg_class where relname = 'events_203105'")).toHaveLength(1);
});
