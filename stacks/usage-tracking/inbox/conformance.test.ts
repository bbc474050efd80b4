import { randomUUID } from "node:crypto";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeBody, encodeEvent } from "../events/stored-event.ts";
import { parseInstant } from "../events/instant.ts";
import { createShardProcessor } from "../services/event-processor/process-shard.ts";
import { normal } from "../testing/apply.ts";
import { query, startDatabase, until, type TestDatabase } from "../testing/database.ts";
import { migratedDatabase } from "../testing/migrated-database.ts";
import { startQueueRedis, type QueueRedis } from "../testing/queue-redis.ts";
import { hasRedis } from "../testing/redis.ts";
import { createGroupCommit, type GroupCommit, type InboxItem } from "./group-commit.ts";
import { postgresQueue } from "./postgres-queue.ts";
import { advanced, receivedInstant, type InboxRow, type Positions, type Queue, type QueueReader } from "./queue.ts";
import { redisQueue } from "./redis/redis-queue.ts";
import { idAt, positionOf, streamWriter } from "./redis/stream-position.ts";

/** A queue on a server of its own that can be killed. */
interface Driver {
  readonly name: string;
  readonly absent: string;
  /** A queue with nothing in it, and the database that holds its positions. */
  readonly fresh: () => Promise<{ readonly queue: Queue; readonly databaseUrl: string }>;
  /** kill -9 of the server, and a new start on the same data. */
  readonly restart: () => Promise<void>;
  /** Puts something in that no writer of ours would. */
  readonly poison: (databaseUrl: string) => Promise<void>;
}

let server: TestDatabase;
let broker: QueueRedis | undefined;
let databases = 0;
beforeAll(async () => {
  server = await startDatabase();
  if (hasRedis) broker = await startQueueRedis();
});
afterAll(async () => {
  await broker?.[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const redisUrl = (): string => broker?.url ?? "";

async function command(...words: string[]): Promise<unknown> {
  const client = await createClient({ url: redisUrl(), socket: { reconnectStrategy: false } })
    .on("error", () => undefined)
    .connect();
  try {
    return await client.sendCommand(words);
  } finally {
    client.destroy();
  }
}

const drivers: readonly Driver[] = [
  {
    name: "PostgreSQL",
    absent: "",
    fresh: async () => {
      const databaseUrl = await migratedDatabase(server, `queue_${databases++}`);
      return { databaseUrl, queue: postgresQueue(databaseUrl) };
    },
    restart: async () => {
      await server.crash();
      await server.start();
    },
    poison: async (databaseUrl) => {
      await query(
        databaseUrl,
        `insert into inbox (slot, shard, writer, seq, tenant, events, received_at, codec, body)
         select inbox_slot(now()), 0, 200, n, 7, 1, now(), codec, body::bytea
         from (values (1, 9, 'garbage'), (2, 1, '\\x5b005d')) g (n, codec, body)`,
      );
      await query(databaseUrl, "insert into inbox_writer values (200)");
    },
  },
  {
    name: "Redis Streams",
    absent: hasRedis ? "" : " (skipped: no redis-server here)",
    fresh: async () => {
      const databaseUrl = await migratedDatabase(server, `queue_${databases++}`);
      await until(() => command("FLUSHALL"));
      return { databaseUrl, queue: redisQueue({ databaseUrl, url: redisUrl(), shards: async () => 1 }) };
    },
    restart: async () => {
      await broker?.crash();
      broker?.start();
      await until(() => command("PING"));
    },
    poison: async () => {
      await command("XADD", "usage:inbox:0", "*", "what", "is this");
      await command("XADD", "usage:inbox:0", "*", "tenant", "99999999999", "codec", "1", "events", "1", "body", "[]");
    },
  },
];

/** Two writers, as a gateway has them; ends them when disposed. */
function writers(
  queue: Queue,
): AsyncDisposable & { readonly commit: GroupCommit; readonly ready: () => Promise<void> } {
  const stop = new AbortController();
  let commit: GroupCommit | undefined;
  const wake = (): void => commit?.wake();
  const all = [0, 1].map(() => queue.startWriter({ signal: stop.signal, onReady: wake, onLost: wake }));
  commit = createGroupCommit(all, { pendingBytes: 1e6, groupItems: 16, groupBytes: 1e5 });
  return {
    commit,
    ready: () =>
      until(async () => {
        if (!all.every((writer) => writer.ready)) throw new Error("expected two ready writers");
      }),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all(all.map((writer) => writer.ended));
    },
  };
}

const item = (text: string): InboxItem => ({ tenant: 7, events: 1, body: Buffer.from(text) });
const limits = { events: 40, bytes: 1e6 };
const textOf = (rows: readonly InboxRow[]): string[] => rows.map(({ body }) => body.toString());

/** Everything after `positions`, read in bounded pieces. */
async function drain(
  reader: QueueReader,
  positions: Positions = new Map(),
): Promise<{ readonly rows: readonly InboxRow[]; readonly positions: Positions }> {
  const rows: InboxRow[] = [];
  let at = positions;
  for (;;) {
    const next = await reader.read(at, limits);
    if (next.length === 0) return { rows, positions: at };
    expect(next.length).toBeLessThanOrEqual(2 * limits.events); // of each writer
    rows.push(...next);
    at = advanced(at, next);
  }
}

describe.each(drivers)("the queue on $name$absent", ({ absent, fresh, restart, poison }) => {
  test.skipIf(absent !== "")("gives out what was acknowledged, as it was, in bounded reads", async () => {
    const { queue } = await fresh();
    await using writing = writers(queue);
    await writing.ready();
    // Nobody reads meanwhile: a consumer that is slow costs room, not entries.
    const texts = Array.from({ length: 300 }, (_, index) => `[${"é".repeat(index * 5)}${index}]`);
    await Promise.all(texts.map((text) => writing.commit.submit(item(text))));
    const reader = await queue.openReader(0);
    const { rows, positions } = await drain(reader);
    expect(textOf(rows).toSorted()).toEqual(texts.toSorted());
    expect(new Set(rows.map(({ tenant }) => tenant))).toEqual(new Set([7]));
    const places = rows.map(({ writer, seq }) => `${writer} ${seq}`);
    expect(new Set(places).size).toBe(places.length);
    expect(await reader.read(positions, limits)).toEqual([]);
    expect(await (await queue.openReader(1)).read(new Map(), limits)).toEqual([]);
    for (const row of rows) expect(Math.abs(receivedInstant(row) / 1000 - Date.now())).toBeLessThan(3_600_000);
    reader.close();
  });

  test.skipIf(absent !== "")("keeps what is after the released positions, for any reader", async () => {
    const { queue } = await fresh();
    await using writing = writers(queue);
    await writing.ready();
    for (let n = 0; n < 60; n++) await writing.commit.submit(item(String(n)));
    const first = await queue.openReader(0);
    const half = (await first.read(new Map(), { events: 20, bytes: 1e6 })).slice(0, 20);
    const positions = advanced(new Map(), half);
    await first.release(positions);
    first.close();
    const second = await queue.openReader(0);
    const { rows } = await drain(second, positions);
    second.close();
    const seen = new Set([...textOf(half), ...textOf(rows)]);
    expect(seen).toEqual(new Set(Array.from({ length: 60 }, (_, n) => String(n))));
  });

  test.skipIf(absent !== "")(
    "has everything it acknowledged after ten kills of its server",
    async () => {
      const { queue } = await fresh();
      await using writing = writers(queue);
      const acknowledged: string[] = [];
      const stop = new AbortController();
      const clients = [0, 1, 2, 3].map(async (client) => {
        for (let n = 0; !stop.signal.aborted; n++) {
          const text = `${client}-${n}`;
          await writing.commit.submit(item(text)).then(
            () => acknowledged.push(text),
            () => new Promise((resolve) => setTimeout(resolve, 10)),
          );
        }
      });
      for (let round = 0; round < 10; round++) {
        const before = acknowledged.length;
        await until(async () => {
          if (acknowledged.length < before + 20) throw new Error("expected more acknowledgements");
        });
        await restart();
      }
      stop.abort();
      await Promise.all(clients);
      const reader = await until(() => queue.openReader(0));
      const stored = new Set(textOf((await drain(reader)).rows));
      reader.close();
      expect(acknowledged.filter((text) => !stored.has(text))).toEqual([]);
    },
    120_000,
  );

  test.skipIf(absent !== "")(
    "goes through the processor exactly once, poison to the dead letters, a restart in between",
    async () => {
      const { queue, databaseUrl } = await fresh();
      await using writing = writers(queue);
      await writing.ready();
      const ids: string[] = [];
      const sendSome = async (): Promise<void> => {
        for (let n = 0; n < 20; n++) {
          const id = randomUUID();
          const event = normal(
            {
              event_id: id,
              timestamp: "2026-11-20T11:00:00Z",
              service_type: "custom",
              service_provider: "p",
              metrics: {},
            },
            parseInstant("2026-11-20T12:00:00Z") ?? 0,
          );
          const body = encodeBody([encodeEvent(event)]);
          // Twice: a retry whose first answer was lost.
          for (const _ of [1, 2]) await until(() => writing.commit.submit({ tenant: 7, events: 1, body }));
          ids.push(id);
        }
      };
      await sendSome();
      await poison(databaseUrl);
      await sendSome();
      const processor = createShardProcessor({
        databaseUrl,
        queue,
        shard: 0,
        limits: { events: 7, bytes: 1e6 },
        onRole: () => undefined,
        onApplied: () => undefined,
        onIdle: () => undefined,
      });
      const settled = (): Promise<void> =>
        until(async () => {
          while (await processor.step());
          const stored = await query(databaseUrl, "select id from events");
          expect(stored.map((row) => row["id"]).toSorted()).toEqual(ids.toSorted());
        });
      await settled();
      await restart();
      await sendSome();
      await settled();
      await processor.close();
      expect(await query(databaseUrl, "select reason from dead_letter_events")).toEqual([
        { reason: "undecodable" },
        { reason: "undecodable" },
      ]);
      expect(
        await query(databaseUrl, "select sum(events)::int as n from rollup where dimension = 'all' and period = 'day'"),
      ).toEqual([{ n: ids.length }]);
    },
    120_000,
  );
});

describe.skipIf(!hasRedis)("a Redis whose ids are behind the cursor", () => {
  test.each(["never looked at", "left in the middle of passing over"])(
    "(its data lost, its clock behind), %s, gives out all it takes in",
    async (when) => {
      const databaseUrl = await migratedDatabase(server, `queue_${databases++}`);
      await until(() => command("FLUSHALL"));
      const queue = redisQueue({ databaseUrl, url: redisUrl(), shards: async () => 1 });
      await using writing = writers(queue);
      await writing.ready();
      const before = Array.from({ length: 11 }, (_, n) => `before ${n}`);
      for (const text of before) await writing.commit.submit(item(text));
      const cursor = positionOf(`${Date.now() + 3_600_000}-7`);
      if (when !== "never looked at") await command("XADD", "usage:inbox:0", idAt(cursor), "passed-over", "");
      const reader = await queue.openReader(0);
      const first = await drain(reader, new Map([[streamWriter, cursor]]));
      expect(textOf(first.rows)).toEqual(before);
      await writing.commit.submit(item("after"));
      const second = await drain(reader, first.positions);
      expect(textOf(second.rows)).toEqual(["after"]);
      await reader.release(second.positions);
      reader.close();
      expect(await command("XLEN", "usage:inbox:0")).toBe(0);
    },
  );
});

describe.skipIf(!hasRedis)("a Redis that cannot keep", () => {
  test("more refuses what comes, loses nothing it has, and goes on when the processor made room", async () => {
    const databaseUrl = await migratedDatabase(server, `queue_${databases++}`);
    await using small = await startQueueRedis(["--maxmemory", "6mb"]);
    const queue = redisQueue({ databaseUrl, url: small.url, shards: async () => 1 });
    await using writing = writers(queue);
    await writing.ready();
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    for (let n = 0; refused.length < 5; n++) {
      const text = `${n} ${"x".repeat(50_000)}`;
      await writing.commit.submit(item(text)).then(
        () => acknowledged.push(text),
        (error: unknown) => refused.push(error),
      );
    }
    expect(refused).toMatchObject(refused.map(() => ({ reason: "full" })));
    const reader = await queue.openReader(0);
    const { rows, positions } = await drain(reader);
    expect(textOf(rows)).toEqual(acknowledged);
    await reader.release(positions);
    await until(() => writing.commit.submit(item("room again")));
    expect(textOf((await drain(reader, positions)).rows)).toEqual(["room again"]);
    reader.close();
  }, 120_000);

  test.each([
    ["evicts", ["--maxmemory-policy", "allkeys-lru"], "expected a Redis with maxmemory-policy noeviction"],
    ["keeps no log", ["--appendonly", "no"], "expected a Redis with appendonly yes"],
  ])("because it %s acknowledges nothing and says why", async (_what, settings, reason) => {
    await using other = await startQueueRedis(settings);
    const lost: string[] = [];
    const stop = new AbortController();
    const queue = redisQueue({ databaseUrl: server.url, url: other.url, shards: async () => 1 });
    const writer = queue.startWriter({
      signal: stop.signal,
      onReady: () => undefined,
      onLost: (error) => lost.push(String(error)),
    });
    await until(async () => expect(lost.join("\n")).toContain(reason));
    expect(writer.ready).toBe(false);
    stop.abort();
    await writer.ended;
  });
});
