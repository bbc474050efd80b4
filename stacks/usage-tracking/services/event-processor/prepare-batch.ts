import { setImmediate } from "node:timers/promises";
import type { InboxRow } from "../../inbox/queue.ts";
import { deltasOf, type Deltas } from "../../rollups/deltas.ts";
import { readBatch, type Batch, type BatchEvent } from "./batch.ts";
import { eventLine, keyLine } from "./copy-text.ts";

/** Events as they are written: everything that can be made of them without a word to the database. */
export interface Written {
  readonly keys: readonly Buffer[];
  readonly lines: readonly Buffer[];
  readonly deltas: Deltas;
}

/** A batch that is ready to be applied. No `written`: one of its events chokes the encoding, and has to be found. */
export interface PreparedBatch {
  readonly rows: readonly InboxRow[];
  readonly batch: Batch;
  readonly written?: Written;
}

/** Events that are encoded before others have a turn: a few milliseconds. */
const turn = 1000;

/**
 * Prepares rows while the database is busy with the batch before: in turns, so that what that one is sent does not wait
 * for long.
 */
export async function prepareBatch(rows: readonly InboxRow[]): Promise<PreparedBatch> {
  const batch = readBatch(rows);
  const { events } = batch;
  const [keys, lines]: [Buffer[], Buffer[]] = [[], []];
  try {
    for (let start = 0; start < events.length; start += turn) {
      await setImmediate();
      const part = events.slice(start, start + turn);
      keys.push(textOf(part, keyLine));
      lines.push(textOf(part, eventLine));
    }
    await setImmediate();
    return { rows, batch, written: { keys, lines, deltas: deltasOf(events) } };
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return { rows, batch };
    throw error;
  }
}

/** The same of some events of a batch, at once. */
export function written(events: readonly BatchEvent[]): Written {
  return { keys: [textOf(events, keyLine)], lines: [textOf(events, eventLine)], deltas: deltasOf(events) };
}

function textOf(events: readonly BatchEvent[], lineOf: (event: BatchEvent) => string): Buffer {
  return Buffer.from(events.map(lineOf).join(""));
}
