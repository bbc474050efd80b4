import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { timeAt } from "./log-source.ts";
import type { LogSource } from "./log-source.ts";
import { longestLineBytes, splitLines, unendedPiece } from "./split-lines.ts";
import type { LinePiece } from "./split-lines.ts";

/** What reading a log gives: a line (or a piece of a long one), or the word that bytes are missing here. */
export type LogEntry =
  | {
      readonly kind: "line";
      readonly text: string;
      /** The line goes on in the next entry, or is not ended yet. */
      readonly partial: boolean;
      /** Where it begins. */
      readonly position: number;
      /** When it had been written at the latest, ms since the epoch; exact to about a second. */
      readonly time: number;
    }
  | { readonly kind: "gap"; readonly position: number; readonly bytes: number };

/** What to read. */
export interface ReadLinesOptions {
  readonly from: number;
  /** Stop before this position. Absent: follow the log until the signal aborts or the log is closed. */
  readonly to?: number;
  readonly signal?: AbortSignal;
  /** How often a follower looks for more, ms. Default 100. */
  readonly pollMs?: number;
  /** Longer lines come in pieces. Default 64 KiB. */
  readonly maxLineBytes?: number;
  /** A line without its end is given out when nothing was added for this long, ms. Default 500. */
  readonly settleMs?: number;
}

const chunkBytes = 64 << 10;

/**
 * Reads lines in order and, without `to`, waits for more. Holds one chunk and one line, however slow the caller is: what
 * is rotated away before it comes to it is told as a gap. Ends without an error when the signal aborts.
 */
export async function* readLines(source: LogSource, options: ReadLinesOptions): AsyncGenerator<LogEntry, void, void> {
  const {
    to = Number.POSITIVE_INFINITY,
    signal,
    pollMs = 100,
    maxLineBytes = longestLineBytes,
    settleMs = 500,
  } = options;
  const marks = source.marks();
  let position = options.from; // of the first byte in `rest`
  let rest: Buffer = Buffer.alloc(0);
  let idleSince = performance.now();
  const entry = (piece: LinePiece): LogEntry => {
    const at = position;
    position += piece.length;
    return {
      kind: "line",
      text: piece.text,
      partial: piece.partial,
      position: at,
      time: timeAt(marks, at) ?? Date.now(),
    };
  };

  while (signal?.aborted !== true && !source.isClosed()) {
    const wanted = position + rest.length;
    const limit = Math.min(to, source.end());
    const chunk = source.read(wanted, Math.max(0, Math.min(chunkBytes, limit - wanted)));
    if (chunk.position > wanted && limit > wanted) {
      if (rest.length > 0) yield entry(unendedPiece(rest));
      rest = Buffer.alloc(0);
      yield { kind: "gap", position, bytes: chunk.position - position };
      position = chunk.position;
    }
    const data = chunk.data.subarray(0, Math.max(0, to - position - rest.length)); // after a gap it may reach too far
    if (data.length > 0) {
      const split = splitLines(rest.length === 0 ? data : Buffer.concat([rest, data]), maxLineBytes);
      rest = split.rest;
      for (const piece of split.pieces) yield entry(piece);
      idleSince = performance.now();
      await nextTurn(); // a flood must not keep timers and sockets from their turn
      continue;
    }
    const isOver = limit >= to;
    if (rest.length > 0 && (isOver || performance.now() - idleSince >= settleMs)) {
      yield entry(unendedPiece(rest));
      rest = Buffer.alloc(0);
    }
    if (isOver) return;
    await delay(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined); // aborted: the loop ends
  }
}
