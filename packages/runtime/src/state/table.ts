import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";

/** What a state file holds: the version of its content, and JSON text by key. */
export interface Content {
  readonly version: number;
  readonly entries: ReadonlyMap<string, string>;
}

/** An open state file. `undefined` as a change deletes the key. */
export interface Table {
  /** All changes or none; durable when it returns. Throws SQLite's error. */
  write(changes: ReadonlyMap<string, string | undefined>): void;
  close(): void;
}

/** The file can be read, but what it says is not what was written. */
export class DamagedError extends Error {}

/** The row that holds the content's version and digest; no key of a caller is empty. */
const headKey = "";

/** An open table with all it holds. `flaw`: the content is whole, but the file's inner structure is not. */
export interface OpenedTable {
  readonly table: Table;
  readonly content: Content;
  readonly flaw: string | undefined;
}

/**
 * Opens a state file for writing and reads all of it. Throws {@link DamagedError}, or SQLite's error where the file
 * cannot be opened or written.
 *
 * A rollback journal, not a write-ahead log, at 0.5 ms a commit against 0.25: a log that was cut or flipped after a
 * kill -9 is an older state without a word, where a damaged main file is found out. The exclusive mode keeps the
 * journal between commits and saves a directory entry each; closing removes it.
 */
export function openTable(file: string, busyMs: number): OpenedTable {
  closeSync(openSync(file, "r+")); // SQLite would fall back to reading only, and say so at the first write
  const db = new DatabaseSync(file, { timeout: busyMs });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF");
    db.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");
    const content = readContent(db);
    // "ok", or "*** in database main ***" and on the next line what is wrong
    const check = String(db.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"]).split("\n").at(-1);
    return { table: makeTable(db, content), content, flaw: check === "ok" ? undefined : check };
  } catch (error) {
    db.close();
    throw isDamage(error) ? new DamagedError(messageOf(error), { cause: error }) : error;
  }
}

/** Writes a whole state file anew, durable when it returns. `file` must not exist. */
export function writeTable(file: string, content: Content): void {
  const db = new DatabaseSync(file);
  try {
    db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL; BEGIN");
    db.exec("CREATE TABLE entry (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID");
    const insert = db.prepare("INSERT INTO entry (key, value) VALUES (?, ?)");
    const rows = [[headKey, headText(content.version, digestOf(content))] as const, ...content.entries];
    for (const [key, value] of rows) insert.run(key, value);
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}

/** True for SQLite's words for a file that is no database, or a broken one. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedError) return true;
  // 11 SQLITE_CORRUPT, 26 SQLITE_NOTADB, 1 SQLITE_ERROR (a table that is not there), 522 a read past a cut-off end
  const code = sqliteCode(error) ?? 0;
  return [1, 11, 26].includes(code & 0xff) || code === 522;
}

/** Another process has the file open. */
export function isBusy(error: unknown): boolean {
  return ((sqliteCode(error) ?? 0) & 0xff) === 5;
}

function makeTable(db: DatabaseSync, { version, entries }: Content): Table {
  const upsert = db.prepare("INSERT OR REPLACE INTO entry (key, value) VALUES (?, ?)");
  const remove = db.prepare("DELETE FROM entry WHERE key = ?");
  const sums = new Map([...entries].map(([key, value]): [string, number] => [key, checksum(key, value)]));
  let digest = digestOf({ version, entries });
  return {
    write(changes) {
      const written = new Map<string, number | undefined>();
      let next = digest;
      try {
        db.exec("BEGIN IMMEDIATE");
        for (const [key, value] of changes) {
          const sum = value === undefined ? undefined : checksum(key, value);
          if (value === undefined) remove.run(key);
          else upsert.run(key, value);
          next ^= (sums.get(key) ?? 0) ^ (sum ?? 0);
          written.set(key, sum);
        }
        upsert.run(headKey, headText(version, next));
        db.exec("COMMIT");
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
      digest = next;
      for (const [key, sum] of written) {
        if (sum === undefined) sums.delete(key);
        else sums.set(key, sum);
      }
    },
    close: () => db.close(),
  };
}

function readContent(db: DatabaseSync): Content {
  const entries = new Map<string, string>();
  for (const { key, value } of db.prepare("SELECT key, value FROM entry").iterate()) {
    if (typeof key !== "string" || typeof value !== "string") throw new DamagedError("an entry is no text");
    entries.set(key, value);
  }
  const head = entries.get(headKey) ?? "";
  entries.delete(headKey);
  const version = Number.parseInt(head, 10);
  if (Number.isNaN(version)) throw new DamagedError("it holds no version");
  if (head !== headText(version, digestOf({ version, entries }))) {
    throw new DamagedError("its entries do not fit their checksum");
  }
  return { version, entries };
}

function headText(version: number, digest: number): string {
  return `${version} ${digest}`;
}

/**
 * Of the version and all entries together: SQLite checks its pages' structure but not the bytes of a value, nor that
 * all pages are of one commit.
 */
function digestOf({ version, entries }: Content): number {
  let digest = checksum(headKey, String(version));
  for (const [key, value] of entries) digest ^= checksum(key, value);
  return digest;
}

function checksum(key: string, value: string): number {
  return crc32(`${key}\0${value}`);
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
