import { decodeEvents, type StoredEvent } from "../../events/stored-event.ts";
import type { InboxRow } from "../../inbox/queue.ts";

/** An event of a batch and where it came from. */
export interface BatchEvent {
  readonly tenant: number;
  readonly event: StoredEvent;
  readonly receivedAt: string;
  readonly row: InboxRow;
  readonly index: number;
}

/** What cannot be stored: a whole row (no `index`), or one event of it. */
export interface DeadLetter {
  readonly row: InboxRow;
  readonly index?: number;
  readonly eventId?: string;
  readonly reason: "undecodable" | "rejected";
  readonly detail: string;
}

/** Inbox rows taken apart. */
export interface Batch {
  /** In order; of several with one id of one tenant only the first. */
  readonly events: readonly BatchEvent[];
  readonly duplicates: number;
  readonly dead: readonly DeadLetter[];
}

/** Takes rows apart into events, without a word to the database. What cannot be read becomes a dead letter. */
export function readBatch(rows: readonly InboxRow[]): Batch {
  const events = new Map<string, BatchEvent>();
  const dead: DeadLetter[] = [];
  let duplicates = 0;
  for (const row of rows) {
    const { tenant, receivedAt } = row;
    for (const [index, event] of decoded(row, dead).entries()) {
      if (event === undefined) {
        dead.push({ row, index, reason: "undecodable", detail: "is no stored event" });
        continue;
      }
      const key = `${tenant} ${event.id}`;
      if (events.has(key)) duplicates++;
      else events.set(key, { tenant, event, receivedAt, row, index });
    }
  }
  return { events: [...events.values()], duplicates, dead };
}

function decoded(row: InboxRow, dead: DeadLetter[]): (StoredEvent | undefined)[] {
  try {
    return decodeEvents(row.codec, row.body);
  } catch (error) {
    dead.push({ row, reason: "undecodable", detail: String(error) });
    return [];
  }
}
