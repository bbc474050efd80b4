import type { ClientBase } from "pg";
import { formatInstant } from "../../events/instant.ts";
import type { Batch } from "./batch.ts";
import type { Known } from "./known.ts";

/** Makes the partitions that a batch needs: a late event finds one for its month, however long ago that was. */
export async function ensurePartitions(client: ClientBase, batch: Batch, known: Known["partitions"]): Promise<void> {
  const months = new Set(batch.events.map(({ event }) => formatInstant(event.at).slice(0, 7)));
  for (const month of months) {
    if (known.has(month)) continue;
    await client.query("select ensure_event_partitions($1)", [`${month}-01T00:00:00Z`]);
    known.add(month);
  }
  if (batch.events.length + batch.dead.length === 0) return;
  const today = new Date().toISOString().slice(0, 7);
  if (known.has(`dead ${today}`)) return;
  // The next month's too: the clock that decides is the server's, at commit.
  await client.query(
    `select ensure_partition('dead_letter_events', 'month', now()),
            ensure_partition('dead_letter_events', 'month', now() + interval '1 month')`,
  );
  known.add(`dead ${today}`);
}
