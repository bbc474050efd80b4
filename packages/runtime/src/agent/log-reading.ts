import type { LogSource } from "../logs/log-source.ts";
import { readLines } from "../logs/read-lines.ts";
import { sinceRange, tailRange } from "../logs/tail.ts";
import type { LogReading } from "./log-lines.ts";

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
    range({ resource, replica }, { tail, since }) {
      const source = open(resource, replica);
      return since === undefined ? tailRange(source, tail ?? defaultTail) : sinceRange(source, since);
    },
    async *lines({ resource, replica }, range, { since }, signal) {
      for await (const entry of readLines(open(resource, replica), { ...range, signal })) {
        if (entry.kind === "gap") {
          const line = `[${entry.bytes} bytes are gone: rotated away before they were read]`;
          yield { resource, replica, time: Date.now(), line, partial: false };
        } else if (since === undefined || entry.time >= since)
          yield { resource, replica, time: entry.time, line: entry.text, partial: entry.partial };
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
