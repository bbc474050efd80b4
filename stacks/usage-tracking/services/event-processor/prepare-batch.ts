import { setImmediate } from "node:timers/promises";
import type { InboxRow } from "../../inbox/queue.ts";
import { createDeltas } from "../../rollups/deltas.ts";
import { writeDeltas, type WrittenDeltas } from "./add-deltas.ts";
import { createRowReader, readEvents, type BatchEvent, type DeadLetter } from "./batch.ts";
import { createCopyRows } from "./copy-rows.ts";
import { addEventRow, addKeyRow } from "./event-rows.ts";

/** Events as they are written: everything that can be made of them without a word to the database. */
export interface Written {
  readonly count: number;
  readonly keys: readonly Buffer[];
  readonly events: readonly Buffer[];
  readonly deltas: WrittenDeltas;
  /** Keys and events are in the database: their memory is given to a batch that is prepared later. */
  readonly release: () => void;
}

/**
 * A batch that is ready to be applied. It is written row by row, and what a row held is forgotten: events that live as long
 * as their batch cost more to collect than to read again in the few cases that look at single ones.
 */
export interface PreparedBatch {
  readonly rows: readonly InboxRow[];
  readonly duplicates: number;
  readonly dead: readonly DeadLetter[];
  /** Missing: one of its events chokes the encoding, and has to be found. */
  readonly written?: Written;
  /** Its events one by one, read anew. */
  readonly events: () => readonly BatchEvent[];
}

/** Events that are encoded before others have a turn: a millisecond or two. */
const turn = 250;

/**
 * Prepares rows while the database is busy with the batch before: in turns, so that what that one is sent does not wait
 * for long. `free`: chunks of batches before, see {@link createCopyRows}.
 */
export async function prepareBatch(rows: readonly InboxRow[], free: Buffer[] = []): Promise<PreparedBatch> {
  const reader = createRowReader();
  const writer = createWriter(free);
  let choked = false;
  let since = 0;
  for (const row of rows) {
    const events = reader.next(row);
    if (!choked) choked = !tryToWrite(writer, events);
    since += events.length;
    if (since < turn) continue;
    since = 0;
    await setImmediate();
  }
  const batch = { rows, duplicates: reader.duplicates(), dead: reader.dead, events: () => readEvents(rows) };
  return choked ? batch : { ...batch, written: writer.all() };
}

/** The same of some events of a batch, at once. */
export function write(events: readonly BatchEvent[]): Written {
  const writer = createWriter();
  for (const event of events) writer.add(event);
  return writer.all();
}

function tryToWrite(writer: Writer, events: readonly BatchEvent[]): boolean {
  try {
    for (const event of events) writer.add(event);
    return true;
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return false;
    throw error;
  }
}

interface Writer {
  readonly add: (event: BatchEvent) => void;
  readonly all: () => Written;
}

function createWriter(free: Buffer[] = []): Writer {
  const [keys, events, deltas] = [createCopyRows(free), createCopyRows(free), createDeltas()];
  let count = 0;
  return {
    add: (each) => {
      addKeyRow(keys, each);
      addEventRow(events, each);
      deltas.add(each.tenant, each.event);
      count++;
    },
    all: () => ({
      count,
      keys: keys.chunks(),
      events: events.chunks(),
      deltas: writeDeltas(deltas.all()),
      release: () => {
        keys.release();
        events.release();
      },
    }),
  };
}
