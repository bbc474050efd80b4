import { existsSync, renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isDamage } from "../state/table.ts";
import { isSameProcess, readProcess } from "../supervisor/proc.ts";

/** Which agent holds which port, known to all agents of this user on this host. */
export interface Leases {
  /** The port this key had last, and the one that was wanted then; an agent that is gone may have taken it. */
  last(key: string): { readonly port: number; readonly wanted: number } | undefined;
  /** Takes a port for a key, in place of the one it had; false when the agent of another key holds it. */
  take(port: number, key: string, wanted: number): boolean;
  release(key: string): void;
  /** Who holds the port, in words, where that is another key and its agent lives. */
  holderOf(port: number, key: string): string | undefined;
  close(): void;
}

/**
 * A lease counts while the agent that took it lives (pid and start time); afterwards it only says which number the
 * key had. A shared file that is damaged is set aside, and one that cannot be written (full disk) stops nobody: then
 * only a bind tells what is free.
 */
export function openLeases(file: string, instance: string): Leases {
  const db = openDatabase(file);
  const byPort = db.prepare("SELECT port, wanted, instance, key, pid, started FROM lease WHERE port = ?");
  const byKey = db.prepare(
    "SELECT port, wanted, instance, key, pid, started FROM lease WHERE instance = ? AND key = ?",
  );
  const forget = db.prepare("DELETE FROM lease WHERE instance = ? AND key = ?");
  const insert = db.prepare(
    "INSERT OR REPLACE INTO lease (port, wanted, instance, key, pid, started) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const started = readProcess(process.pid)?.startTime ?? "";
  const blocker = (port: number, key: string): Row | undefined => {
    const row = rowOf(byPort.get(port));
    if (!row || (row.instance === instance && row.key === key)) return undefined;
    return isSameProcess(row.pid, row.started) ? row : undefined;
  };
  return {
    last: (key) => rowOf(byKey.get(instance, key)),
    take: (port, key, wanted) =>
      written(db, () => {
        if (blocker(port, key)) return false;
        forget.run(instance, key);
        insert.run(port, wanted, instance, key, process.pid, started);
        return true;
      }),
    release(key) {
      written(db, () => forget.run(instance, key).changes > 0);
    },
    holderOf(port, key) {
      const row = blocker(port, key);
      return row && (row.instance === instance ? row.key : `another stack (its ${row.key}, agent pid ${row.pid})`);
    },
    close() {
      if (db.isOpen) db.close();
    },
  };
}

interface Row {
  readonly port: number;
  readonly wanted: number;
  readonly instance: string;
  readonly key: string;
  readonly pid: number;
  readonly started: string;
}

function openDatabase(file: string): DatabaseSync {
  try {
    return withTable(file);
  } catch (error) {
    if (!isDamage(error)) return withTable(":memory:");
  }
  try {
    return withTable(file); // another agent may have set the damaged one aside meanwhile
  } catch {
    for (const each of [file, `${file}-journal`]) if (existsSync(each)) renameSync(each, `${each}.damaged`);
    return withTable(file);
  }
}

function withTable(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 5000 });
  try {
    // A lease ends with its agent, and a power cut ends them all: nothing here has to be on disk. The journal is kept, for
    // an agent may be killed while it writes.
    db.exec("PRAGMA synchronous = OFF");
    db.exec(
      "CREATE TABLE IF NOT EXISTS lease (port INTEGER PRIMARY KEY, wanted INTEGER NOT NULL, instance TEXT NOT NULL, key TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL) STRICT",
    );
    db.prepare("SELECT port, wanted, instance, key, pid, started FROM lease").all();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** One transaction; a file that cannot be written counts as written. */
function written(db: DatabaseSync, work: () => boolean): boolean {
  try {
    db.exec("BEGIN IMMEDIATE");
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    if (!(error instanceof Error) || !("errcode" in error)) throw error;
    return true;
  }
}

/** A row of the STRICT table above, as its statements select it. */
function rowOf(row: Readonly<Record<string, unknown>> | undefined): Row | undefined {
  return row as Row | undefined;
}
