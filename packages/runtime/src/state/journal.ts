import { statSync } from "node:fs";
import { basename } from "node:path";
import type { CrashPoint } from "./crash-at.ts";
import { replaceState } from "./replace-state.ts";
import type { Migration } from "./schema.ts";
import { startingPoint } from "./starting-point.ts";
import { isDamage, openTable } from "./table.ts";

/** `write-failed` once when writing stops working, `write-recovered` once when all is on disk again. */
export type StateEvent =
  | { readonly type: "write-failed"; readonly error: Error; readonly unsaved: number }
  | { readonly type: "write-recovered" }
  | { readonly type: "replaced"; readonly message: string };

export interface JournalOptions {
  /** Folder for passing copies of a file that cannot be opened in place. */
  readonly scratch: string;
  readonly onEvent?: (event: StateEvent) => void;
  /** First wait before a failed write is tried again, ms; doubles up to 30 s. Default 1000. */
  readonly retryMs?: number;
  /** How long to wait for another process that has the file open (a backup), ms. Default 5000. */
  readonly busyMs?: number;
  readonly migrations?: readonly Migration[];
  readonly crashPoint?: CrashPoint;
}

/** The state's content in memory, and its way to the disk. */
export interface Journal {
  readonly memory: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
  commit(changes: ReadonlyMap<string, string | undefined>): void;
  flush(): boolean;
  close(): boolean;
}

/**
 * Memory is what counts while the agent runs; the file follows. Attached: the file holds everything but `unsaved`,
 * and a write adds to it. Detached (not writable, deleted or replaced under us, damaged): the next write that works
 * puts a whole new file in its place and keeps what was there.
 */
export function openJournal(file: string, options: JournalOptions): Journal {
  const { onEvent = () => {}, crashPoint = () => {}, migrations = [], retryMs = 1000, busyMs = 5000 } = options;
  const warnings: string[] = [];
  const start = startingPoint(file, options.scratch, busyMs, migrations, warnings);
  const { version } = start.content;
  const memory = new Map(start.content.entries);
  const unsaved = new Map<string, string | undefined>();
  let table = start.table;
  let asideAs = start.asideAs;
  let inode = table && inodeOf(file);
  let failing = false;
  let delay = retryMs;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const detach = (): void => {
    table?.close();
    table = undefined;
  };
  const replace = (): void => {
    const kept = replaceState(file, { version, entries: memory }, asideAs, crashPoint);
    if (kept !== undefined) warnings.push(`what was in ${file} is kept as ${basename(kept)}`);
    table = openTable(file, busyMs).table;
    inode = inodeOf(file);
    asideAs = "aside";
  };
  const write = (): void => {
    if (table && inodeOf(file) !== inode) {
      detach();
      const message = `${file} was deleted or replaced while in use; it is written anew from memory`;
      warnings.push(message);
      onEvent({ type: "replaced", message });
    }
    if (!table) return replace();
    if (unsaved.size === 0) return;
    crashPoint("before commit");
    table.write(unsaved);
    crashPoint("after commit");
  };
  const flush = (): boolean => {
    try {
      write();
    } catch (error) {
      if (isDamage(error)) detach();
      if (!failing) onEvent({ type: "write-failed", error: asError(error), unsaved: unsaved.size });
      failing = true;
      scheduleRetry();
      return false;
    }
    unsaved.clear();
    clearTimeout(timer);
    timer = undefined;
    delay = retryMs;
    if (failing) onEvent({ type: "write-recovered" });
    failing = false;
    return true;
  };
  const scheduleRetry = (): void => {
    if (timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      delay = Math.min(delay * 2, longestRetryMs);
      flush();
    }, delay);
    timer.unref();
  };
  if (!table && !flush()) warnings.push(`${file} cannot be written; the state is in memory only until it can`);
  return {
    memory,
    warnings,
    commit(changes) {
      if (closed) throw new Error(`${file} was written after it was closed`);
      for (const [key, text] of changes) {
        unsaved.set(key, text);
        if (text === undefined) memory.delete(key);
        else memory.set(key, text);
      }
      flush();
    },
    flush,
    close() {
      const saved = closed || flush();
      closed = true;
      clearTimeout(timer);
      detach();
      return saved;
    },
  };
}

const longestRetryMs = 30_000;

/** A file deleted or replaced under an open database takes writes without a word, and keeps none. */
function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
