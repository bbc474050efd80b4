import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { LogIndex } from "./log-index.ts";
import { readIndex } from "./log-index.ts";
import type { LogChunk } from "./log-source.ts";

/** The open live file and what is known of the rotated one. The one place that turns positions into file offsets. */
export interface LogFiles {
  /** Descriptor of the live file; it may lie in a file that has been deleted meanwhile. */
  readonly fd: number;
  readonly index: Omit<LogIndex, "marks">;
  /** Size at the last look; a smaller one later means that somebody truncated the file. */
  size: number;
  /** When the path was last seen to lead to this file; monotonic, ms. */
  verifiedAt: number;
}

const verifyMs = 1000;

/** Path of the rotated file beside a log file. */
export function rotatedPath(logPath: string): string {
  return `${logPath}.1`;
}

/** Opens a log: `write` to keep it (created when absent), otherwise only to read. */
export function openLogFiles(path: string, write: boolean): LogFiles {
  const fd = openSync(path, write ? constants.O_RDWR | constants.O_CREAT : constants.O_RDONLY, 0o600);
  const { marks, ...index } = readIndex(path);
  const files: LogFiles = { fd, index, size: fstatSync(fd).size, verifiedAt: performance.now() };
  // the newest mark lies beyond the file: it was emptied or replaced while nobody kept it
  const known = marks.at(-1)?.end ?? 0;
  return known > index.liveStart + files.size ? shifted(files, known) : files;
}

/** The files as they are now: emptied by somebody else, or deleted and made anew. Positions go on in both cases. */
export function lookAgain(path: string, files: LogFiles, write: boolean): LogFiles {
  const { size, nlink, ino, dev } = fstatSync(files.fd);
  const end = files.index.liveStart + files.size;
  if (size < files.size) return shifted({ ...files, size }, end);
  files.size = size;
  if (nlink > 0 && performance.now() - files.verifiedAt < verifyMs) return files;
  files.verifiedAt = performance.now();
  if (leadsTo(path, { ino, dev })) return files;
  const opened = openLogFiles(path, write);
  closeSync(files.fd);
  return shifted(opened, Math.max(end, files.index.liveStart + size));
}

/** First position that can still be read. */
export function oldestPosition({ index }: LogFiles): number {
  return index.oldLength > 0 ? index.oldStart : index.liveStart;
}

/** Bytes from a position on, of the rotated file or of the live one. */
export function readFiles(path: string, files: LogFiles, position: number, length: number): LogChunk {
  const { oldStart, oldLength, liveStart } = files.index;
  if (position < oldStart + oldLength) {
    const from = Math.max(position, oldStart);
    const data = readRotated(path, from - oldStart, Math.min(length, oldStart + oldLength - from));
    if (data.length > 0) return { position: from, data };
  }
  const from = Math.max(position, liveStart);
  return { position: from, data: readAt(files.fd, from - liveStart, length) };
}

function shifted(files: LogFiles, liveStart: number): LogFiles {
  return { ...files, index: { ...files.index, liveStart } };
}

/** False when the path leads to another file; true while it leads nowhere: the program still writes to the deleted one. */
function leadsTo(path: string, file: { readonly ino: number; readonly dev: number }): boolean {
  try {
    const there = statSync(path);
    return there.ino === file.ino && there.dev === file.dev;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return true;
    throw error;
  }
}

function readRotated(path: string, offset: number, length: number): Buffer {
  try {
    const fd = openSync(rotatedPath(path), "r");
    try {
      return readAt(fd, offset, length);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, readSync(fd, buffer, 0, length, offset));
}
