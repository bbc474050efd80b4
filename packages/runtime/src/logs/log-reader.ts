import { closeSync } from "node:fs";
import { lookAgain, oldestPosition, openLogFiles, readFiles } from "./log-files.ts";
import { readIndex } from "./log-index.ts";
import type { LogSource } from "./log-source.ts";

/** A log that somebody else keeps, or nobody. */
export interface LogReader extends LogSource {
  close(): void;
}

/**
 * Opens a log only to read, for when no agent runs. A rotation by another process is noticed by the smaller size alone:
 * to follow a log, ask its keeper. Throws ENOENT when there is none.
 */
export function openLogReader(path: string): LogReader {
  let files = openLogFiles(path, false);
  let closed = false;
  return {
    oldest: () => oldestPosition(files),
    end: () => {
      if (!closed) files = lookAgain(path, files, false);
      return files.index.liveStart + files.size;
    },
    read: (position, length) =>
      closed ? { position, data: Buffer.alloc(0) } : readFiles(path, files, position, length),
    marks: () => readIndex(path).marks,
    isClosed: () => closed,
    close: () => {
      if (!closed) closeSync(files.fd);
      closed = true;
    },
  };
}
