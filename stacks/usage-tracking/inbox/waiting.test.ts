import { createClient } from "@redis/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "pg";
import { readFreshness } from "../services/query-service/freshness.ts";
import { query, startDatabase, until, type TestDatabase } from "../testing/database.ts";
import { migratedDatabase } from "../testing/migrated-database.ts";
import { startQueueRedis } from "../testing/queue-redis.ts";
import { hasRedis } from "../testing/redis.ts";
import { createStreamBacklog } from "./redis/stream-backlog.ts";
import { positionOf } from "./redis/stream-position.ts";
import { readInboxLag } from "./waiting.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A database with two shards, and a client of it. */
async function twoShards(name: string): Promise<AsyncDisposable & { readonly url: string; readonly client: Client }> {
  const url = await migratedDatabase(server, name);
  await query(url, "insert into shard (id) values (1); insert into inbox_writer (id) values (0)");
  const client = new Client({ connectionString: url });
  await client.connect();
  return { url, client, [Symbol.asyncDispose]: () => client.end() };
}

const put = (shard: number, seq: number, tenant: number, age: string): string =>
  `insert into inbox (slot, shard, writer, seq, tenant, events, received_at, codec, body)
   values (0, ${shard}, 0, ${seq}, ${tenant}, 1, now() - interval '${age}', 1, '[]')`;

test("the lag is that of the oldest item in any shard; a tenant's in any shard that was its own", async () => {
  await using database = await twoShards("waiting");
  const { client } = database;
  const lagOf = async (tenant: number): Promise<number> =>
    Math.floor((await readFreshness({ pool: client, backlog: undefined }, tenant)).lagSeconds ?? -1);
  const lag = async (): Promise<number> => Math.floor((await readInboxLag(client, undefined)) ?? -1);
  expect([await lag(), await lagOf(1), await lagOf(2)]).toEqual([0, 0, 0]);

  // Tenant 1 belonged to shard 0 while that was the only one; tenant 2 still does.
  await query(database.url, put(0, 1, 1, "1 hour"));
  expect(await lag()).toBeGreaterThanOrEqual(3600);
  expect(await lagOf(1)).toBeGreaterThanOrEqual(3600);
  await query(database.url, "insert into shard_cursor values (0, 0, 1)");
  expect([await lag(), await lagOf(1), await lagOf(2)]).toEqual([0, 0, 0]);

  // Tenant 2 never was in shard 1.
  await query(database.url, put(1, 2, 1, "2 hours"));
  expect(await lag()).toBeGreaterThanOrEqual(7200);
  expect(await lagOf(1)).toBeGreaterThanOrEqual(7200);
  expect(await lagOf(2)).toBe(0);
});

test.skipIf(!hasRedis)(
  "what waits in a stream of any shard counts too; a Redis that is away makes it unknown",
  async () => {
    await using database = await twoShards("waiting_streams");
    const { client } = database;
    await using broker = await startQueueRedis();
    const redis = createClient({ url: broker.url }).on("error", () => undefined);
    await redis.connect();
    const backlog = await createStreamBacklog(broker.url, () => undefined);
    try {
      await until(() => backlog.check());
      const lagOf = async (tenant: number): Promise<number | undefined> =>
        (await readFreshness({ pool: client, backlog }, tenant)).lagSeconds;
      expect([await readInboxLag(client, backlog), await lagOf(1), await lagOf(2)]).toEqual([0, 0, 0]);

      const hourAgo = `${Date.now() - 3_600_000}-5`;
      const body = '[{"id":"0195-a"}]';
      await redis.sendCommand([
        "XADD",
        "usage:inbox:1",
        hourAgo,
        "tenant",
        "1",
        "events",
        "1",
        "codec",
        "1",
        "body",
        body,
      ]);
      expect(await readInboxLag(client, backlog)).toBeGreaterThanOrEqual(3600);
      expect(await lagOf(1)).toBeGreaterThanOrEqual(3600);
      expect(await lagOf(2)).toBe(0);
      const start = new Map([[1, 0n]]);
      expect(await backlog.holds(start, 1, "0195-a")).toEqual({ found: true, complete: true });
      expect(await backlog.holds(start, 1, "0195-b")).toEqual({ found: false, complete: true });
      expect(await backlog.holds(start, 2, "0195-a")).toEqual({ found: false, complete: true });

      await query(database.url, `insert into shard_cursor values (1, -1, ${positionOf(hourAgo)})`);
      expect([await readInboxLag(client, backlog), await lagOf(1)]).toEqual([0, 0]);
      await broker.crash();
      expect([await readInboxLag(client, backlog), await lagOf(1)]).toEqual([undefined, undefined]);
      broker.start();
      await until(async () => expect(await lagOf(1)).toBe(0));
    } finally {
      backlog.close();
      redis.destroy();
    }
  },
);
