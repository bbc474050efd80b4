import type { ClientBase } from "pg";
import { formatInstant, type Instant } from "../../events/instant.ts";
import { startOf } from "../../rollups/periods.ts";
import type { Known } from "./known.ts";
import type { PreparedBatch } from "./prepare-batch.ts";

/** The months that the events of a batch are of. */
export function monthsOf({ written, events }: Pick<PreparedBatch, "written" | "events">): ReadonlySet<Instant> {
  if (!written) return new Set(events().map(({ event }) => startOf("month", event.at)));
  return written.deltas.months;
}

/** Makes the partitions that a batch needs: a late event finds one for its month, however long ago that was. */
export async function ensurePartitions(
  client: ClientBase,
  months: ReadonlySet<Instant>,
  known: Known["partitions"],
): Promise<void> {
  for (const start of months) {
    const month = formatInstant(start);
    if (known.has(month)) continue;
    await client.query("select ensure_event_partitions($1)", [month]);
    known.add(month);
  }
  const today = new Date().toISOString().slice(0, 7);
  if (known.has(`dead ${today}`)) return;
  // The next month's too: the clock that decides is the server's, at commit.
  await client.query(
    `select ensure_partition('dead_letter_events', 'month', now()),
            ensure_partition('dead_letter_events', 'month', now() + interval '1 month')`,
  );
  known.add(`dead ${today}`);
}
