import { parseInstant, type Instant } from "../events/instant.ts";
import type { GroupWriter } from "./group-commit.ts";

/** An item as it comes out: what one request of a tenant brought. `(writer, seq)` is its place in the queue. */
export interface InboxRow {
  readonly writer: number;
  readonly seq: bigint;
  readonly tenant: number;
  /** As PostgreSQL writes it, to the microsecond. */
  readonly receivedAt: string;
  readonly codec: number;
  readonly body: Buffer;
}

/**
 * When an item came in. PostgreSQL writes UTC as `2026-11-25 21:50:00.12+00`, an offset without minutes, which is no time to
 * others.
 */
export function receivedInstant({ receivedAt: text }: Pick<InboxRow, "receivedAt">): Instant {
  const at = parseInstant(`${text.replace(" ", "T")}:00`);
  if (at === undefined) throw new Error(`expected a time as PostgreSQL writes it in UTC, got ${text}`);
  return at;
}

/** Up to where each writer's items are processed. Kept in PostgreSQL, whatever the queue is: it commits with the work. */
export type Positions = ReadonlyMap<number, bigint>;

/** Bounds of one read, per writer. At least one item of each writer that has any is read. */
export interface ReadLimits {
  readonly events: number;
  readonly bytes: number;
}

/** What a writer needs; `onReady` is called each time it can write (again), `onLost` with what ended its connection. */
export interface WriterOptions {
  readonly onReady: () => void;
  readonly onLost: (error: unknown) => void;
  /** Ends the writer: it finishes nothing, the caller waits for its groups first. */
  readonly signal: AbortSignal;
}

/** A connection into the queue: it comes back by itself for ever, and ends with its signal. */
export type QueueWriter = GroupWriter & { readonly ended: Promise<void> };

/** What one shard's processor reads. An error is the end of it: the processor opens another. */
export interface QueueReader {
  /** The next items after `positions`, in each writer's order; within a writer none is ever skipped. */
  readonly read: (positions: Positions, limits: ReadLimits) => Promise<InboxRow[]>;
  /** `positions` are committed: what is at or below them may go, bodies that were read too. */
  readonly release: (positions: Positions) => Promise<void>;
  readonly close: () => void;
}

/**
 * Where acknowledged items wait for the processor. `write` resolves once its items are durable; an item that may not be
 * is refused. Items may be there more than once, never less.
 */
export interface Queue {
  readonly startWriter: (options: WriterOptions) => QueueWriter;
  readonly openReader: (shard: number) => Promise<QueueReader>;
}

/** The positions after `rows`. */
export function advanced(positions: Positions, rows: readonly InboxRow[]): Positions {
  const next = new Map(positions);
  for (const { writer, seq } of rows) if (seq > (next.get(writer) ?? 0n)) next.set(writer, seq);
  return next;
}
