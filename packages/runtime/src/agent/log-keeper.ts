import { openLogFile, type LogFile } from "../logs/log-file.ts";
import { readLines } from "../logs/read-lines.ts";
import { sinceRange, tailRange } from "../logs/tail.ts";
import type { Folders } from "./folders.ts";
import type { LogSource } from "./log-lines.ts";
import type { LogLine, LogQuery } from "./protocol.ts";

/** Keeps the logs of everything that runs within their quota, and reads them. */
export interface LogKeeper {
  /** The log of one replica; opened at the first call, kept until `close`. */
  open(resource: string, replica: number): LogFile;
  read(source: LogSource, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /** The last lines of a resource's first replica, for `why` and for a crash. */
  last(resource: string, lines: number): Promise<readonly string[]>;
  close(): void;
}

/** Lines of the past that are shown when nobody says how many. */
const defaultTail = 1000;

export function logKeeper(folders: Folders, log: (message: string) => void): LogKeeper {
  const kept = new Map<string, LogFile>();
  const open = (resource: string, replica: number): LogFile => {
    const path = folders.log(resource, replica);
    const known = kept.get(path);
    if (known) return known;
    // Once a second is often enough for a quota of megabytes; a flood makes the keeper look more often by itself.
    const file = openLogFile(path, { tickMs: 1000, onProblem: (sentence) => log(`${resource}: ${sentence}`) });
    kept.set(path, file);
    return file;
  };
  const keeper: LogKeeper = {
    open,
    async *read({ resource, replica }, { tail, since, follow }, signal) {
      const source = open(resource, replica);
      const range = since === undefined ? tailRange(source, tail ?? defaultTail) : sinceRange(source, since);
      for await (const entry of readLines(source, follow ? { from: range.from, signal } : { ...range, signal })) {
        if (entry.kind === "gap")
          yield {
            resource,
            replica,
            time: Date.now(),
            line: `[${entry.bytes} bytes are gone: rotated away before they were read]`,
            partial: false,
          };
        else if (since === undefined || entry.time >= since)
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
    close() {
      for (const file of kept.values()) file.close();
      kept.clear();
    },
  };
  return keeper;
}
