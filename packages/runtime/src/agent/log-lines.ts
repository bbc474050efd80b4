import type { LogLine, LogQuery } from "./protocol.ts";

/** One replica's log, as the log service reads it. */
export interface LogSource {
  readonly resource: string;
  readonly replica: number;
  readonly file: string;
}

/** Reads one log: its last `tail` lines or those since a time, then, if asked, what comes. */
export type ReadLog = (source: LogSource, query: LogQuery, signal: AbortSignal) => AsyncIterable<LogLine>;

/** Lines of several logs as they come; past lines of all come first, in order of time. */
export async function* mergeLogs(
  sources: readonly LogSource[],
  read: ReadLog,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const past: LogLine[] = [];
  for (const source of sources) {
    for await (const line of read(source, { ...query, follow: false }, signal)) past.push(line);
  }
  yield* past.sort((a, b) => a.time - b.time);
  if (!query.follow || signal.aborted) return;
  yield* interleave(
    sources.map((source) => read(source, { ...query, tail: 0, follow: true }, signal)),
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
