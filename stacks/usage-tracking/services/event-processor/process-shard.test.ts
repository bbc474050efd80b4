import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { encodeBody, encodeEvent, type StoredEvent } from "../../events/stored-event.ts";
import { postgresQueue } from "../../inbox/postgres-queue.ts";
import type { Queue } from "../../inbox/queue.ts";
import { writeGroup } from "../../inbox/write-group.ts";
import { normal, openClient } from "../../testing/apply.ts";
import { startDatabase } from "../../testing/database.ts";
import { migratedDatabase } from "../../testing/migrated-database.ts";
import type { Applied } from "./apply-batch.ts";
import { createShardProcessor } from "./process-shard.ts";

test("batches grow from small ones while there is more, and are small again after a rest", async () => {
  await using server = await startDatabase();
  const url = await migratedDatabase(server, "growth");
  await using client = await openClient(url);
  await client.query("insert into inbox_writer values (0)");
  const asked: number[] = [];
  const stored: number[] = [];
  const processor = createShardProcessor({
    databaseUrl: url,
    queue: telling(postgresQueue(url), (events) => asked.push(events)),
    shard: 0,
    limits: { events: 16, bytes: 1e6 },
    onRole: () => undefined,
    onApplied: (applied) => stored.push(applied.stored),
    onIdle: () => undefined,
  });
  await writeGroup(client, 0, 0n, Array.from({ length: 40 }, oneEvent));
  while (await processor.step());
  expect(stored).toEqual([2, 4, 8, 16, 10]);
  expect(asked).toEqual([2, 4, 8, 16, 16, 16]);
  await writeGroup(client, 0, 40n, [oneEvent(), oneEvent(), oneEvent()]);
  while (await processor.step());
  expect(stored.slice(5)).toEqual([2, 1]);
  await processor.close();
});

/** The same queue; `onRead` is told how many events each read may bring. */
function telling(queue: Queue, onRead: (events: number) => void): Queue {
  return {
    ...queue,
    openReader: async (shard) => {
      const reader = await queue.openReader(shard);
      return {
        ...reader,
        read: (positions, limits) => {
          onRead(limits.events);
          return reader.read(positions, limits);
        },
      };
    },
  };
}

interface Item {
  readonly tenant: number;
  readonly events: number;
  readonly body: Buffer;
}

function oneEvent(): Item {
  return itemOf(1, "ada");
}

function itemOf(events: number, user: string): Item {
  const body = encodeBody(Array.from({ length: events }, () => encodeEvent(eventOf(user))));
  return { tenant: 1, events, body };
}

function eventOf(user: string): StoredEvent {
  const sent = {
    event_id: randomUUID(),
    user_id: user,
    timestamp: "2026-11-20T10:00:00Z",
    service_type: "custom",
    service_provider: "p",
    metrics: { units: 1 },
  };
  return normal(sent, Date.UTC(2026, 10, 20, 12) * 1000);
}

test("what is refused among many is found in small batches, and everything else is stored once", async () => {
  await using server = await startDatabase();
  const url = await migratedDatabase(server, "refused");
  await using client = await openClient(url);
  await client.query("insert into inbox_writer values (0)");
  await client.query("alter table events add constraint no_eve check (user_id <> 'eve')");
  const asked: number[] = [];
  const applied: Applied[] = [];
  const processor = createShardProcessor({
    databaseUrl: url,
    queue: telling(postgresQueue(url), (events) => asked.push(events)),
    shard: 0,
    limits: { events: 8000, bytes: 1e8 },
    onRole: () => undefined,
    onApplied: (each) => applied.push(each),
    onIdle: () => undefined,
  });
  const [rows, eve] = [70, 50];
  const items = Array.from({ length: rows }, (_, row) => itemOf(100, row === eve ? "eve" : "ada"));
  await writeGroup(client, 0, 0n, items);
  while (await processor.step());
  // The third batch has them, is given up, and begins again with fewer.
  expect(asked.slice(0, 6)).toEqual([1000, 2000, 4000, 8000, 1000, 2000]);
  const sum = (of: "stored" | "duplicates" | "dead"): number => applied.reduce((all, each) => all + each[of], 0);
  expect([sum("stored"), sum("duplicates"), sum("dead")]).toEqual([6900, 0, 100]);
  const { rows: counted } = await client.query(
    "select sum(events)::int as n, (select count(*)::int from dead_letter_events) as dead from rollup where dimension = 'all' and period = 'day'",
  );
  expect(counted).toEqual([{ n: 6900, dead: 100 }]);
  await processor.close();
}, 300_000);
