/** A stretch of a log: `data` begins at `position`, which is later than asked for where bytes are gone. */
export interface LogChunk {
  readonly position: number;
  readonly data: Buffer;
}

/** "At `time` (ms since the epoch) the log ended at `end`": what lies between two marks was written between their times. */
export interface Mark {
  readonly time: number;
  readonly end: number;
}

/**
 * A log to read from. A position counts the bytes since the first one ever written, so that it stays valid when the file
 * is rotated; the bytes of old positions go away.
 */
export interface LogSource {
  /** First position that can still be read. */
  oldest(): number;
  /** Position after the newest byte. */
  end(): number;
  /** Up to `length` bytes from `position` on; empty at the end. Never asynchronous: no rotation comes in between. */
  read(position: number, length: number): LogChunk;
  /** The marks, oldest first. Read from disk at each call. */
  marks(): readonly Mark[];
  /** True once closed: nothing new will come. */
  isClosed(): boolean;
}

/** Where what was written at or after `time` begins; somewhat earlier (a mark is made once a second), never later. */
export function positionSince(source: LogSource, time: number): number {
  let position = source.oldest();
  for (const mark of source.marks()) {
    if (mark.time >= time) break;
    position = Math.max(position, mark.end);
  }
  return position;
}

/** When the byte at `position` had been written at the latest; undefined when no mark was made since. */
export function timeAt(marks: readonly Mark[], position: number): number | undefined {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.end ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return marks[low]?.time;
}
