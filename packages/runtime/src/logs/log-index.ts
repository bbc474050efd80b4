import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Mark } from "./log-source.ts";

/** Which positions the rotated and the live file hold, and when what was written. */
export interface LogIndex {
  /** First position of the rotated file. */
  readonly oldStart: number;
  /** Bytes the rotated file holds; positions between its end and `liveStart` are gone. */
  readonly oldLength: number;
  /** First position of the live file. */
  readonly liveStart: number;
  readonly marks: readonly Mark[];
}

const emptyIndex: LogIndex = { oldStart: 0, oldLength: 0, liveStart: 0, marks: [] };

/** Path of the index beside a log file. */
export function indexPath(logPath: string): string {
  return `${logPath}.index`;
}

/** Reads the index of a log; what is not well-formed in it (a line cut off by a full disk) is passed over. */
export function readIndex(logPath: string): LogIndex {
  let index = emptyIndex;
  const marks: Mark[] = [];
  for (const line of readText(indexPath(logPath)).split("\n")) {
    // "rotated <oldStart> <oldLength> <liveStart>;" and "<ms> <end>;": the semicolon tells a whole line
    const rotated = /^rotated (\d+) (\d+) (\d+);$/.exec(line);
    if (rotated !== null) {
      index = { oldStart: Number(rotated[1]), oldLength: Number(rotated[2]), liveStart: Number(rotated[3]), marks };
    }
    const mark = /^(\d+) (\d+);$/.exec(line);
    if (mark !== null) marks.push({ time: Number(mark[1]), end: Number(mark[2]) });
  }
  return { ...index, marks };
}

/** Adds one mark. Throws what the file system says (ENOSPC); the index stays readable. */
export function appendMark(logPath: string, mark: Mark): void {
  // a line break first: the line before may have been cut off
  appendFileSync(indexPath(logPath), `\n${Math.round(mark.time)} ${mark.end};`, { mode: 0o600 });
}

/** Replaces the index as a whole. */
export function writeIndex(logPath: string, index: LogIndex): void {
  const lines = [
    `rotated ${index.oldStart} ${index.oldLength} ${index.liveStart};`,
    ...index.marks.map((mark) => `${Math.round(mark.time)} ${mark.end};`),
  ];
  const temporary = `${indexPath(logPath)}.new`;
  writeFileSync(temporary, lines.join("\n"), { mode: 0o600 });
  renameSync(temporary, indexPath(logPath));
}

/** Halves the number of marks. That only makes times coarser: `positionSince` still misses nothing. */
export function thinMarks(marks: readonly Mark[]): readonly Mark[] {
  const kept: Mark[] = [];
  for (let at = marks.length - 1; at >= 0; at -= 2) {
    const [mark, dropped] = [marks[at], marks[at - 1]];
    if (mark === undefined) continue;
    // of the two times the later one: the clock may have gone back between them
    kept.push({ time: Math.max(mark.time, dropped?.time ?? 0), end: mark.end });
  }
  return kept.reverse();
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
