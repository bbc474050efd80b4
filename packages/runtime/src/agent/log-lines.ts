import type { LogLine, LogQuery } from "./protocol.ts";

/** One replica's log, as the log service reads it. */
export interface LogSource {
  readonly resource: string;
  readonly replica: number;
  readonly file: string;
  /** Of a pod's log, the lines of this member alone. */
  readonly member?: string;
}

/** Reads logs by stretches: following on from a stretch's `to` misses nothing and repeats nothing. */
export interface LogReading {
  /** Where the asked lines of the past are: the last `tail`, or those since a time; of a member, among others'. */
  range(source: LogSource, query: LogQuery): { readonly from: number; readonly to: number };
  /** Lines of a stretch, of a member the last `tail`; without `to` it goes on with what comes, until `signal` aborts. */
  lines(
    source: LogSource,
    range: { readonly from: number; readonly to?: number },
    query: LogQuery,
    signal: AbortSignal,
  ): AsyncIterable<LogLine>;
}

/** Lines of several logs as they come; past lines of all come first, in order of time. */
export async function* mergeLogs(
  sources: readonly LogSource[],
  reading: LogReading,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const asked = sources.map((source) => ({ source, range: reading.range(source, query) }));
  const past: LogLine[] = [];
  for (const { source, range } of asked) {
    for await (const line of reading.lines(source, range, query, signal)) past.push(line);
  }
  yield* past.sort((one, other) => one.time - other.time);
  if (!query.follow || signal.aborted) return;
  yield* interleave(
    asked.map(({ source, range }) => reading.lines(source, { from: range.to }, query, signal)),
    signal,
  );
}

/** Whatever comes first, from whichever; ends when all end or `signal` aborts. */
async function* interleave<T>(streams: readonly AsyncIterable<T>[], signal: AbortSignal): AsyncGenerator<T> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const waiting = new Map(iterators.map((iterator, index) => [index, step(iterator, index)]));
  try {
    while (waiting.size > 0 && !signal.aborted) {
      const { index, result } = await Promise.race(waiting.values());
      const iterator = iterators[index];
      if (result.done === true || iterator === undefined) {
        waiting.delete(index);
        continue;
      }
      waiting.set(index, step(iterator, index));
      yield result.value;
    }
  } finally {
    for (const iterator of iterators) void iterator.return?.(undefined);
  }
}

async function step<T>(
  iterator: AsyncIterator<T>,
  index: number,
): Promise<{ index: number; result: IteratorResult<T> }> {
  return { index, result: await iterator.next() };
}
