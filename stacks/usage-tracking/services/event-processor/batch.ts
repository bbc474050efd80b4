import { decodeEvents, type StoredEvent } from "../../events/stored-event.ts";
import type { Instant } from "../../events/instant.ts";
import { receivedInstant, type InboxRow } from "../../inbox/queue.ts";
import { innerSet } from "../../maps/inner-map.ts";

/** An event of a batch and where it came from. */
export interface BatchEvent {
  readonly tenant: number;
  readonly event: StoredEvent;
  readonly received: Instant;
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

/** Takes inbox rows apart one by one, without a word to the database. */
export interface RowReader {
  /** The events of the next row; of several with one id of one tenant only the first of all rows. */
  readonly next: (row: InboxRow) => readonly BatchEvent[];
  readonly duplicates: () => number;
  /** What could not be read. */
  readonly dead: readonly DeadLetter[];
}

/** A reader at the first row of a batch. */
export function createRowReader(): RowReader {
  const ids = new Map<number, Set<string>>();
  const dead: DeadLetter[] = [];
  let duplicates = 0;
  return {
    next: (row) => {
      const { tenant } = row;
      const received = receivedInstant(row);
      const known = innerSet(ids, tenant);
      const events: BatchEvent[] = [];
      for (const [index, event] of decoded(row, dead).entries()) {
        if (event === undefined) {
          dead.push({ row, index, reason: "undecodable", detail: "is no stored event" });
          continue;
        }
        const before = known.size;
        if (known.add(event.id).size === before) duplicates++;
        else events.push({ tenant, event, received, row, index });
      }
      return events;
    },
    duplicates: () => duplicates,
    dead,
  };
}

/** All events of rows. */
export function readEvents(rows: readonly InboxRow[]): readonly BatchEvent[] {
  const { next } = createRowReader();
  return rows.flatMap(next);
}

function decoded(row: InboxRow, dead: DeadLetter[]): readonly (StoredEvent | undefined)[] {
  try {
    return decodeEvents(row.codec, row.body);
  } catch (error) {
    dead.push({ row, reason: "undecodable", detail: String(error) });
    return [];
  }
}
