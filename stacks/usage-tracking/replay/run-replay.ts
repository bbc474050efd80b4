import { eventOf, type Mapping, type Row } from "./mapping.ts";
import { createRowIds } from "./row-ids.ts";
import { sendBatch, type BatchAnswer, type Target } from "./send-batch.ts";

/** What is replayed, and how. */
export interface ReplayOptions {
  readonly rows: AsyncIterable<Row>;
  readonly mapping: Mapping;
  /** One key a tenant: row n goes to the tenant of key n modulo their number. */
  readonly keys: readonly string[];
  /** Tells files with equal beginnings apart; part of every event id. */
  readonly source: string;
  readonly target: Target;
  /** Events of one request, 1 to 1,000. */
  readonly batchSize: number;
  /** Requests in flight, at most. */
  readonly concurrency: number;
  /** After each answered batch. */
  readonly onProgress: (summary: Summary) => void;
}

/** What a replay came to. `problems` holds the first few invalid rows. */
export interface Summary {
  sent: number;
  accepted: number;
  duplicate: number;
  invalid: number;
  readonly problems: string[];
}

const shownProblems = 5;

/** Sends every row as an event. Memory holds `concurrency` batches and one unfinished batch per key, however long the file. */
export async function runReplay(options: ReplayOptions): Promise<Summary> {
  const summary: Summary = { sent: 0, accepted: 0, duplicate: 0, invalid: 0, problems: [] };
  const batches = batchesOf(options);
  const failed = new AbortController();
  // Workers share one generator: each takes the next batch when it has sent its last one.
  const work = async (): Promise<void> => {
    for await (const { key, events, rows } of shared(batches)) {
      if (failed.signal.aborted) return;
      const answer = await sendBatch(events, key, options.target);
      count(summary, answer, rows);
      options.onProgress(summary);
    }
  };
  const workers = Array.from({ length: options.concurrency }, () =>
    work().catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const ended = await Promise.allSettled(workers);
  for (const each of ended) if (each.status === "rejected") throw each.reason;
  return summary;
}

interface Batch {
  readonly key: string;
  readonly events: readonly unknown[];
  /** The number of each event's row, from 1. */
  readonly rows: readonly number[];
}

async function* batchesOf({ rows, mapping, keys, source, batchSize }: ReplayOptions): AsyncGenerator<Batch> {
  const idOf = createRowIds(source);
  const open = keys.map((key) => ({ key, events: [] as unknown[], rows: [] as number[] }));
  let number = 0;
  for await (const row of rows) {
    const batch = open[number % keys.length];
    number++;
    if (!batch) continue; // there is one for every key
    batch.events.push(eventOf(mapping, row, idOf(row)));
    batch.rows.push(number);
    if (batch.events.length === batchSize)
      yield { ...batch, events: batch.events.splice(0), rows: batch.rows.splice(0) };
  }
  for (const batch of open) if (batch.events.length > 0) yield batch;
}

/** A generator that several loops read, none of which ends it by leaving. */
function shared<T>(generator: AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => generator.next() }) };
}

function count(summary: Summary, answer: BatchAnswer, rows: readonly number[]): void {
  summary.sent += rows.length;
  summary.accepted += answer.accepted;
  summary.duplicate += answer.duplicate;
  summary.invalid += answer.invalid;
  for (const { index, errors } of answer.results) {
    if (!errors || summary.problems.length >= shownProblems) continue;
    const [first] = errors;
    summary.problems.push(`row ${rows[index]}: ${first?.path} ${first?.message} [${first?.code}]`);
  }
}
