import type { ClientBase } from "pg";
import type { InboxRow } from "../../inbox/queue.ts";
import type { DeadLetter } from "./batch.ts";

/** Writes dead letters with all that it takes to try them again, inside the caller's transaction. `attempts`: so far. */
export async function insertDeadLetters(
  client: Pick<ClientBase, "query">,
  shard: number,
  letters: readonly DeadLetter[],
  attempts: number,
): Promise<void> {
  for (const { row, index, eventId, reason, detail } of letters) {
    await client.query(
      `insert into dead_letter_events (at, tenant, shard, writer, seq, index, event_id, reason, detail, body, codec,
         received_at, attempts)
       values (now(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        row.tenant,
        shard,
        row.writer,
        row.seq,
        index,
        asUuid(eventId),
        reason,
        asText(detail),
        bodyOf(row, index),
        row.codec,
        row.receivedAt,
        attempts,
      ],
    );
  }
}

/** An id that is no UUID may be why the event is here. */
function asUuid(text: string | undefined): string | null {
  return text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : null;
}

/** What a parser says of a body may hold a part of it, and a U+0000 is no text to PostgreSQL. */
function asText(detail: string): string {
  return detail.slice(0, 1000).replaceAll("\0", "\\u0000");
}

/** The one event that failed, or the whole body where it cannot be taken apart. */
function bodyOf(row: InboxRow, index: number | undefined): Buffer {
  if (index === undefined) return row.body;
  const items: unknown = JSON.parse(row.body.toString("utf8"));
  return Array.isArray(items) ? Buffer.from(JSON.stringify(items.length === 1 ? items[0] : items[index])) : row.body;
}
