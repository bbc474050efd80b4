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

/** The row that holds the content's version; no key of a caller is empty. */
const versionKey = "";

/**
 * Opens a state file for writing and reads all of it. Throws {@link DamagedError}, or SQLite's error where the file
 * cannot be opened or written.
 *
 * Write-ahead log with synchronous=FULL: one fsync a commit where a rollback journal needs three, and the crash tests
 * find both equally sound. The exclusive mode keeps the log's index in memory: no shared-memory file, which on a full
 * tmpfs is a SIGBUS.
 */
export function openTable(file: string): { table: Table; content: Content } {
  const db = new DatabaseSync(file, { timeout: 5000 });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF");
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    const content = readContent(db);
    db.exec("BEGIN IMMEDIATE; ROLLBACK"); // refused on a read-only file
    return { table: makeTable(db), content };
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
    db.exec(
      "CREATE TABLE entry (key TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    );
    const insert = db.prepare("INSERT INTO entry (key, value, sum) VALUES (?, ?, ?)");
    const rows = [[versionKey, String(content.version)] as const, ...content.entries];
    for (const [key, value] of rows) insert.run(key, value, checksum(key, value));
    db.exec("COMMIT");
    // said in the file's header, so that a later opening writes nothing and works on a full disk
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL");
  } finally {
    db.close();
  }
}

/** True for SQLite's words for a file that is no database, or a broken one. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedError) return true;
  // primary result codes: 11 SQLITE_CORRUPT, 26 SQLITE_NOTADB, 1 SQLITE_ERROR (a table that is not there)
  return [1, 11, 26].includes(sqliteCode(error) ?? 0);
}

/** Another process has the file open. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === 5;
}

function makeTable(db: DatabaseSync): Table {
  const upsert = db.prepare("INSERT OR REPLACE INTO entry (key, value, sum) VALUES (?, ?, ?)");
  const remove = db.prepare("DELETE FROM entry WHERE key = ?");
  return {
    write(changes) {
      try {
        db.exec("BEGIN IMMEDIATE");
        for (const [key, value] of changes) {
          if (value === undefined) remove.run(key);
          else upsert.run(key, value, checksum(key, value));
        }
        db.exec("COMMIT");
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => db.close(),
  };
}

function readContent(db: DatabaseSync): Content {
  const check = db.prepare("PRAGMA integrity_check(1)").get();
  if (check?.integrity_check !== "ok") throw new DamagedError(String(check?.integrity_check));
  const entries = new Map<string, string>();
  for (const { key, value, sum } of db.prepare("SELECT key, value, sum FROM entry").iterate()) {
    if (typeof key !== "string" || typeof value !== "string" || sum !== checksum(key, value)) {
      throw new DamagedError(`the checksum of ${JSON.stringify(key)} does not fit its value`);
    }
    entries.set(key, value);
  }
  const version = Number(entries.get(versionKey));
  if (!Number.isInteger(version)) throw new DamagedError("it holds no version");
  entries.delete(versionKey);
  return { version, entries };
}

/** SQLite checks the structure of its pages but not the bytes of a value. */
function checksum(key: string, value: string): number {
  return crc32(`${key}\0${value}`);
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
