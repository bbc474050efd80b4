import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseInstant } from "../../events/instant.ts";
import { applyRows, inboxRow, normal, openClient } from "../../testing/apply.ts";
import { query, startDatabase, until, type TestDatabase } from "../../testing/database.ts";
import { driftEverywhere } from "../../testing/drift.ts";
import { migratedDatabase } from "../../testing/migrated-database.ts";
import { claimShard } from "./claim-shard.ts";
import { createKnown } from "./known.ts";
import { createUserNumbers, numberUsers } from "./user-numbers.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

test("of two that number users of one tenant the second waits, and a user has one number", async () => {
  const url = await migratedDatabase(server, "two");
  const [tenant] = await query(url, "insert into tenant (name) values ('acme') returning id");
  const id = Number(tenant?.["id"]);
  await using first = await openClient(url);
  await using second = await openClient(url);
  const known = createUserNumbers();
  const number = (client: typeof first, ...users: string[]) =>
    numberUsers(client, new Map([[id, new Set(users)]]), known);
  await first.query("begin");
  await second.query("begin");
  const before = await number(first, "a", "b");
  const after = number(second, "b", "c");
  await until(async () => {
    const waiting = await query(url, "select from pg_locks where not granted");
    if (waiting.length === 0) throw new Error("expected the second to wait for the first");
  });
  await first.query("commit");
  const { numberOf, found } = await after;
  await second.query("commit");
  expect([before.numberOf(id, "a"), before.numberOf(id, "b")]).toEqual([0, 1]);
  expect([numberOf(id, "b"), numberOf(id, "c")]).toEqual([1, 2]);
  known.remember(found);
  expect((await number(second, "b", "c")).found).toEqual([]);
  expect((await number(second, "a", "c")).found).toEqual([{ tenant: id, user: "a", number: 0 }]);
});

test("users beyond 128 go to rows of their own, and no row has more elements than 192", async () => {
  const url = await migratedDatabase(server, "many");
  await query(url, "insert into inbox_writer values (0)");
  await using client = await openClient(url);
  const claim = await claimShard(client, 0);
  if (!claim) throw new Error("expected the shard to be free");
  const now = parseInstant("2026-11-20T12:00:00Z") ?? 0;
  const of = (user: number) =>
    normal(
      {
        event_id: randomUUID(),
        timestamp: "2026-11-20T11:00:00Z",
        service_type: "api_service",
        service_provider: "p",
        endpoint: "/",
        method: "GET",
        status_code: 200,
        response_time_ms: 1,
        user_id: `user ${user}`,
      },
      now,
    );
  const known = createKnown();
  for (let batch = 0; batch < 3; batch++) {
    const events = Array.from({ length: 300 }, (_, user) => of(user));
    expect(await applyRows(client, claim.owned, [inboxRow(batch + 1, 1, events)], known, false)).toMatchObject({
      stored: 300,
    });
  }
  expect(
    await query(
      url,
      `select chunk, cardinality(compact_counts(users)) as users, cardinality(users) <= 192 as small,
         (select sum(x >> 11)::int from unnest(users) x) as events
       from rollup_active where dimension = 'all' and period = 'day' order by 1`,
    ),
  ).toEqual([
    { chunk: 0, users: 128, small: true, events: 384 },
    { chunk: 1, users: 128, small: true, events: 384 },
    { chunk: 2, users: 44, small: true, events: 132 },
  ]);
  expect(await driftEverywhere(client)).toEqual([]);
});
