import { positionSince } from "./log-source.ts";
import type { LogSource } from "./log-source.ts";

/** A stretch of a log to read with `readLines`; following on from `to` misses nothing and repeats nothing. */
export interface LogRange {
  readonly from: number;
  readonly to: number;
}

const firstWindow = 64 << 10;
const lineFeed = 0x0a;

/**
 * Where the last `lines` lines are, found from the end without reading the whole log. At most `maxBytes` (default 1 MiB):
 * of longer lines only the end.
 */
export function tailRange(source: LogSource, lines: number, maxBytes: number = 1 << 20): LogRange {
  const to = source.end();
  if (lines <= 0) return { from: to, to };
  const lowest = Math.max(source.oldest(), to - maxBytes);
  for (let size = firstWindow; ; size *= 2) {
    const start = Math.max(lowest, to - size);
    const from = startOfLastLines(source, start, to, lines);
    if (from !== undefined) return { from, to };
    if (start === lowest) return { from: lowest, to };
  }
}

/** Where what was written at or after `time` (ms since the epoch) is; may begin with somewhat older lines, misses none. */
export function sinceRange(source: LogSource, time: number): LogRange {
  const to = source.end();
  return { from: Math.min(to, lineStart(source, positionSince(source, time))), to };
}

/** Undefined when fewer lines begin in the window. */
function startOfLastLines(source: LogSource, start: number, end: number, lines: number): number | undefined {
  const chunks: { position: number; data: Buffer }[] = [];
  for (let at = start; at < end;) {
    const chunk = source.read(at, end - at);
    if (chunk.data.length === 0) break;
    chunks.push(chunk);
    at = chunk.position + chunk.data.length;
  }
  let missing = lines;
  for (const { position, data } of chunks.toReversed()) {
    // the line end at the very end belongs to the last line
    let search = position + data.length === end ? data.length - 2 : data.length - 1;
    for (; search >= 0; search -= 1) {
      search = data.lastIndexOf(lineFeed, search);
      if (search < 0) break;
      missing -= 1;
      if (missing === 0) return position + search + 1;
    }
  }
  return undefined;
}

/** The start of the line that `position` is in, looked for up to 64 KiB before it. */
function lineStart(source: LogSource, position: number): number {
  const start = Math.max(source.oldest(), position - firstWindow);
  const before = source.read(start, position - start);
  const lineEnd = before.data.lastIndexOf(lineFeed);
  return lineEnd < 0 ? start : before.position + lineEnd + 1;
}
