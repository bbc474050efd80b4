import { constants, fstatSync, ftruncateSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { LogFiles } from "./log-files.ts";
import { rotatedPath } from "./log-files.ts";
import type { LogIndex } from "./log-index.ts";

const chunkBytes = 256 << 10;
/** What is left to copy below this is copied without a pause. */
const lastBytes = 512 << 10;

/**
 * Copies the live file to the rotated one and empties it; the programs that write to it hold it open for appending and
 * go on at its new beginning. What is written in the microseconds between the last copy and the emptying is lost; after a
 * flood (more than twice the quota) also the oldest lines, and what comes faster than it can be copied: the size is what
 * must hold. `commit` is told where which positions are now in the same turn in which it becomes true.
 */
export async function rotate(
  path: string,
  files: LogFiles,
  quotaBytes: number,
  commit: (index: LogFiles["index"]) => void,
): Promise<void> {
  const temporary = `${rotatedPath(path)}.new`;
  const start = files.size > 2 * quotaBytes ? files.size - quotaBytes : 0;
  const limit = start + 4 * quotaBytes;
  try {
    const target = await open(temporary, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600);
    try {
      const offset = await copyMost(files.fd, target, start, limit);
      // from here on nothing is asynchronous: neither a reader nor the next tick sees a half-rotated log
      const length = copyRest(files.fd, target.fd, offset, start, limit + lastBytes);
      renameSync(temporary, rotatedPath(path));
      commit(emptied(files, { oldStart: files.index.liveStart + start, oldLength: length }));
    } finally {
      await target.close();
    }
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Empties the live file without keeping what it holds: for a disk that has no room for a copy. */
export function dropLive(files: LogFiles): LogFiles["index"] {
  return emptied(files, files.index);
}

function emptied(files: LogFiles, old: Pick<LogIndex, "oldStart" | "oldLength">): LogFiles["index"] {
  // somebody may have emptied it during the copy: positions never go back
  const end = Math.max(files.index.liveStart + sizeOf(files.fd), old.oldStart + old.oldLength);
  ftruncateSync(files.fd, 0);
  return { oldStart: old.oldStart, oldLength: old.oldLength, liveStart: end };
}

/** Copies in steps that let others run, until little is left. Returns the offset reached. */
async function copyMost(from: number, to: FileHandle, start: number, limit: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let offset = start;
  while (offset < limit && sizeOf(from) - offset > lastBytes) {
    const length = readSync(from, buffer, 0, chunkBytes, offset);
    for (let done = 0; done < length;) {
      // on a full disk the first write is only short; the next one says ENOSPC
      done += (await to.write(buffer, done, length - done, offset - start + done)).bytesWritten;
    }
    offset += length;
  }
  return offset;
}

function copyRest(from: number, to: number, offset: number, start: number, limit: number): number {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let at = offset;
  while (at < limit) {
    const length = readSync(from, buffer, 0, chunkBytes, at);
    if (length === 0) break;
    for (let done = 0; done < length;) done += writeSync(to, buffer, done, length - done, at - start + done);
    at += length;
  }
  return at - start;
}

function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}
