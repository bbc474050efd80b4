import { openLogFile, type LogFile } from "../logs/log-file.ts";
import type { Folders } from "./folders.ts";
import { logReading, type LastLines } from "./log-reading.ts";

/** Keeps the logs of everything that runs within their quota, and reads them. */
export interface LogKeeper extends LastLines {
  /** The log of one replica; opened at the first call, kept until `close`. */
  open(resource: string, replica: number): LogFile;
  close(): void;
}

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
  return {
    open,
    ...logReading(open),
    close() {
      for (const file of kept.values()) file.close();
      kept.clear();
    },
  };
}
