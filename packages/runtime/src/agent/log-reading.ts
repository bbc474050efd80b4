import type { LogSource } from "../logs/log-source.ts";
import { linesOf } from "../logs/member-lines.ts";
import { readLines, type LogEntry } from "../logs/read-lines.ts";
import { sinceRange, tailRange } from "../logs/tail.ts";
import type { LogReading } from "./log-lines.ts";
import type { LogLine } from "./protocol.ts";

/** Reads lines, and the last of one resource. */
export interface LastLines extends LogReading {
  /** The last lines of a resource's first replica, for `why` and for a crash. */
  last(resource: string, lines: number): Promise<readonly string[]>;
}

/** Lines of the past that are shown when nobody says how many. */
const defaultTail = 1000;

/** Reads the logs that `open` gives: kept by an agent, or by nobody. */
export function logReading(open: (resource: string, replica: number) => LogSource): LastLines {
  return {
    range({ resource, replica, member }, { tail, since }) {
      const source = open(resource, replica);
      if (since !== undefined) return sinceRange(source, since);
      if (member === undefined) return tailRange(source, tail ?? defaultTail);
      // How far back a member's last lines are, only reading tells.
      return { from: source.oldest(), to: source.end() };
    },
    lines({ resource, replica, member }, range, { tail, since }, signal) {
      const entries = readLines(open(resource, replica), { ...range, signal });
      if (member === undefined) return shown(entries);
      const own = shown(linesOf(member, entries));
      return range.to === undefined || since !== undefined ? own : lastOf(own, tail ?? defaultTail);

      async function* shown(all: AsyncIterable<LogEntry>): AsyncGenerator<LogLine> {
        for await (const entry of all) {
          if (entry.kind === "gap") {
            const line = `[${entry.bytes} bytes are gone: rotated away before they were read]`;
            yield { resource, replica, time: Date.now(), line, partial: false };
          } else if (since === undefined || entry.time >= since)
            yield { resource, replica, time: entry.time, line: entry.text, partial: entry.partial };
        }
      }
    },
    async last(resource, lines) {
      const source = open(resource, 0);
      const texts: string[] = [];
      for await (const entry of readLines(source, tailRange(source, lines)))
        if (entry.kind === "line") texts.push(entry.text);
      return texts.slice(-lines);
    },
  };
}

async function* lastOf<T>(all: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  const last: T[] = [];
  for await (const each of all) {
    last.push(each);
    if (last.length > count) last.shift();
  }
  yield* last;
}
