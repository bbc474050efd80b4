import { basename } from "node:path";
import { openJournal, type JournalOptions } from "./journal.ts";

/**
 * What an agent must remember, as JSON by key. Reads are of memory; a write is on disk when it returns. Where it
 * cannot be written (full disk, read-only folder) nothing is lost while the agent runs: the change holds in memory,
 * is reported, and is tried again with every later write and on a timer.
 */
export interface State {
  /** The value as it was set; a copy, so a change of it changes nothing here. The caller knows its shape. */
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown): void;
  delete(key: string): void;
  /** All keys that start with `prefix`, in order of the key. */
  entries<T>(prefix: string): [key: string, value: T][];
  /** Everything `work` sets becomes durable together, or not at all when it throws. `work` must not be async. */
  transaction<T>(work: () => T): T;
  /** Tries now what is not on disk yet; true when everything is. */
  flush(): boolean;
  /** What the agent's owner should know of how the state was found: set aside, rebuilt, migrated, not writable. */
  readonly warnings: readonly string[];
  /** Writes what it can and lets go of the file; false when something could not be written. */
  close(): boolean;
}

export type StateOptions = JournalOptions;

/**
 * Opens (or makes) the state in `file`. A damaged file is kept aside and an empty state takes its place, with a
 * warning. Throws E_STATE_NEWER for a file of a newer Caisson, E_STATE_BUSY and E_STATE_READ.
 */
export function openState(file: string, options: StateOptions): State {
  const journal = openJournal(file, options);
  const { memory } = journal;
  let open: Map<string, string | undefined> | undefined;

  const read = (key: string): string | undefined => (open?.has(key) ? open.get(key) : memory.get(key));
  const change = (key: string, text: string | undefined): void => {
    if (key === "") throw new Error("a state key must not be empty");
    if (read(key) === text) return;
    if (open) open.set(key, text);
    else journal.commit(new Map([[key, text]]));
  };
  return {
    get: (key) => parse(read(key)),
    set: (key, value) => change(key, serialise(basename(file), key, value)),
    delete: (key) => change(key, undefined),
    entries(prefix) {
      const keys = new Set([...memory.keys(), ...(open?.keys() ?? [])]);
      return [...keys]
        .filter((key) => key.startsWith(prefix) && read(key) !== undefined)
        .sort()
        .map((key) => [key, parse(read(key))]);
    },
    transaction(work) {
      if (open) return work(); // part of the outer one
      open = new Map();
      try {
        const result = work();
        if (result instanceof Promise) throw new Error("a transaction's work must not be async");
        const changes = open;
        open = undefined;
        if (changes.size > 0) journal.commit(changes);
        return result;
      } finally {
        open = undefined;
      }
    },
    flush: () => journal.flush(),
    warnings: journal.warnings,
    close: () => journal.close(),
  };
}

/** The caller states the type of what it stored under the key; the checksum says that it is what was stored. */
function parse<T>(text: string | undefined): T {
  return (text === undefined ? undefined : JSON.parse(text)) as T;
}

function serialise(file: string, key: string, value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new Error(`${file}: the value of ${key} is not JSON`);
  return text;
}
