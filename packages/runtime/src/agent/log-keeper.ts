import { openLogFile, type LogFile } from "../logs/log-file.ts";
import { readLines } from "../logs/read-lines.ts";
import { sinceRange, tailRange } from "../logs/tail.ts";
import type { Folders } from "./folders.ts";
import type { LogReading } from "./log-lines.ts";

/** Keeps the logs of everything that runs within their quota, and reads them. */
export interface LogKeeper extends LogReading {
  /** The log of one replica; opened at the first call, kept until `close`. */
  open(resource: string, replica: number): LogFile;
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
    const file = openLogFile(path, { onProblem: (sentence) => log(`${resource}: ${sentence}`) });
    kept.set(path, file);
    return file;
  };
  const keeper: LogKeeper = {
    open,
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
    close() {
      for (const file of kept.values()) file.close();
      kept.clear();
    },
  };
  return keeper;
}
