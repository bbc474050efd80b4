import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { encodeBody, encodeEvent } from "../../events/stored-event.ts";
import { postgresQueue } from "../../inbox/postgres-queue.ts";
import type { Queue } from "../../inbox/queue.ts";
import { writeGroup } from "../../inbox/write-group.ts";
import { normal, openClient } from "../../testing/apply.ts";
import { startDatabase } from "../../testing/database.ts";
import { migratedDatabase } from "../../testing/migrated-database.ts";
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

function oneEvent(): { tenant: number; events: number; body: Buffer } {
  const sent = {
    event_id: randomUUID(),
    timestamp: "2026-11-20T10:00:00Z",
    service_type: "custom",
    service_provider: "p",
    metrics: { units: 1 },
  };
  return { tenant: 1, events: 1, body: encodeBody([encodeEvent(normal(sent, Date.UTC(2026, 10, 20, 12) * 1000))]) };
}
