import { closeSync, fstatSync } from "node:fs";
import { untilBeat } from "../supervisor/beat.ts";
import { lookAgain, oldestPosition, openLogFiles, readFiles } from "./log-files.ts";
import type { LogFiles } from "./log-files.ts";
import { appendMark, readIndex, thinMarks, writeIndex } from "./log-index.ts";
import type { LogSource, Mark } from "./log-source.ts";
import { dropLive, rotate } from "./rotate.ts";

/** How to keep a log. */
export interface LogFileOptions {
  /**
   * Size at which the live file is rotated. One rotated file is kept, of about this size; after a flood up to four times of it.
   * Default 10 MB.
   */
  readonly quotaBytes?: number;
  /** How often to look at the size of an idle log, ms. A growing one is looked at up to every 50 ms. Default 1000. */
  readonly tickMs?: number;
  /** A mark of when what was written is made at most this often, ms. Default 1000. */
  readonly markMs?: number;
  /** Told in one sentence when the log cannot be kept as promised (disk full); again only after it went well between. */
  readonly onProblem?: (sentence: string) => void;
  /** Wall clock, ms since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** A log that is kept: within its quota, with marks of when what was written. */
export interface LogFile extends LogSource {
  readonly path: string;
  close(): void;
}

interface Keeper extends Required<LogFileOptions> {
  readonly path: string;
  files: LogFiles;
  /** Position of the newest mark, and how many there are. */
  marked: number;
  markCount: number;
  /** Monotonic, ms. */
  markedAt: number;
  state: "open" | "rotating" | "closed";
  troubled: boolean;
  timer: NodeJS.Timeout | undefined;
}

const busyTickMs = 50;
/** About half a megabyte of index; more are thinned out. */
const maxMarks = 20_000;

/**
 * Keeps the log at `path` (created with mode 0600). Programs append to the file by themselves and never wait for us; we
 * look at its size. One keeper per file: the agent. What befalls the file later (deleted, emptied, disk full) throws nothing.
 */
export function openLogFile(path: string, options: LogFileOptions = {}): LogFile {
  const files = openLogFiles(path, true);
  const { marks } = readIndex(path);
  const keeper: Keeper = {
    quotaBytes: 10_000_000,
    tickMs: 1000,
    markMs: 1000,
    onProblem: () => undefined,
    now: Date.now,
    ...options,
    path,
    files,
    marked: marks.at(-1)?.end ?? files.index.liveStart,
    markCount: marks.length,
    markedAt: Number.NEGATIVE_INFINITY,
    state: "open",
    troubled: false,
    timer: undefined,
  };
  schedule(keeper, 0);
  return {
    path,
    oldest: () => oldestPosition(keeper.files),
    end: () => look(keeper),
    read: (position, length) =>
      keeper.state === "closed" ? { position, data: Buffer.alloc(0) } : readFiles(path, keeper.files, position, length),
    marks: () => readIndex(path).marks,
    isClosed: () => keeper.state === "closed",
    close: () => close(keeper),
  };
}

function schedule(keeper: Keeper, delayMs: number): void {
  keeper.timer = setTimeout(() => void tick(keeper), delayMs);
  keeper.timer.unref();
}

/** Never rejects: what goes wrong is told, and tried again at the next tick. */
async function tick(keeper: Keeper): Promise<void> {
  const before = keeper.files.index.liveStart + keeper.files.size;
  try {
    const end = look(keeper);
    if (performance.now() - keeper.markedAt >= keeper.markMs) mark(keeper, end);
    if (keeper.files.size >= keeper.quotaBytes) await keepQuota(keeper);
    keeper.troubled = false;
  } catch (error) {
    if (!keeper.troubled) keeper.onProblem(`the log ${keeper.path} is not kept as it should be: ${String(error)}`);
    keeper.troubled = true;
  }
  if (keeper.state === "closed") return;
  const grown = keeper.files.index.liveStart + keeper.files.size - before;
  const soon = grown === 0 || keeper.troubled ? keeper.tickMs : nextTickMs(keeper, grown);
  schedule(keeper, Math.min(soon, untilBeat(keeper.tickMs)));
}

/** At half the time that the room would last, if the log went on growing at this pace. */
function nextTickMs({ files, quotaBytes, tickMs }: Keeper, grown: number): number {
  const room = Math.max(0, quotaBytes - files.size);
  return Math.min(tickMs, Math.max(busyTickMs, (tickMs * room) / grown / 2));
}

/** Looks at the file; returns the end position. */
function look(keeper: Keeper): number {
  const { files } = keeper;
  if (keeper.state === "open") keeper.files = lookAgain(keeper.path, files, true);
  // while it is copied the file must stay open, whatever became of its name
  else if (keeper.state === "rotating") files.size = fstatSync(files.fd).size;
  return keeper.files.index.liveStart + keeper.files.size;
}

function mark(keeper: Keeper, end: number): void {
  if (end <= keeper.marked) return;
  keeper.markedAt = performance.now();
  appendMark(keeper.path, { time: keeper.now(), end });
  keeper.marked = end;
  keeper.markCount += 1;
  if (keeper.markCount > maxMarks) replaceIndex(keeper, thinMarks(readIndex(keeper.path).marks));
}

async function keepQuota(keeper: Keeper): Promise<void> {
  keeper.state = "rotating";
  try {
    await rotate(keeper.path, keeper.files, keeper.quotaBytes, (index) => {
      keeper.files = moved(keeper.files, index);
    });
  } catch (error) {
    // no copy can be made: let it grow to twice its quota, then the quota matters more than the lines
    if (look(keeper) - keeper.files.index.liveStart >= 2 * keeper.quotaBytes) {
      keeper.files = moved(keeper.files, dropLive(keeper.files));
      replaceIndex(keeper, readIndex(keeper.path).marks);
    }
    throw error;
  } finally {
    if (keeper.state === "rotating") keeper.state = "open";
    else closeSync(keeper.files.fd); // closed meanwhile
  }
  replaceIndex(
    keeper,
    readIndex(keeper.path).marks.filter((known) => known.end > keeper.files.index.oldStart),
  );
}

function replaceIndex(keeper: Keeper, marks: readonly Mark[]): void {
  writeIndex(keeper.path, { ...keeper.files.index, marks });
  keeper.markCount = marks.length;
}

function moved(files: LogFiles, index: LogFiles["index"]): LogFiles {
  return { ...files, index, size: fstatSync(files.fd).size };
}

function close(keeper: Keeper): void {
  if (keeper.state === "closed") return;
  const wasOpen = keeper.state === "open";
  clearTimeout(keeper.timer);
  try {
    mark(keeper, look(keeper));
  } catch (error) {
    keeper.onProblem(`the log ${keeper.path} is not kept as it should be: ${String(error)}`);
  }
  keeper.state = "closed";
  if (wasOpen) closeSync(keeper.files.fd); // else the rotation under way does
}
