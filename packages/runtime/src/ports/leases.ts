import { DatabaseSync } from "node:sqlite";
import { isSameProcess, readProcess } from "../supervisor/proc.ts";

/** Who holds which port, shared by all agents of this user. */
export interface Leases {
  portOf(key: string): number | undefined;
  /** True when nobody else holds the port, or only an agent that is gone. */
  mayTake(port: number, key: string): boolean;
  /** Takes it; false when another was faster. */
  take(port: number, key: string): boolean;
  /** Which other stack holds the port, in words. */
  holderOf(port: number, key: string): string | undefined;
  close(): void;
}

interface Row {
  readonly port: number;
  readonly instance: string;
  readonly key: string;
  readonly pid: number;
  readonly started: string;
}

/** Opens the shared file, making it if need be. A lease is kept after its agent ended, so that the port stays stable. */
export function openLeases(file: string, instance: string): Leases {
  const db = new DatabaseSync(file, { timeout: 5000 });
  db.exec(
    "CREATE TABLE IF NOT EXISTS lease (port INTEGER PRIMARY KEY, instance TEXT NOT NULL, key TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL) STRICT",
  );
  const byPort = db.prepare("SELECT * FROM lease WHERE port = ?");
  const byKey = db.prepare("SELECT * FROM lease WHERE instance = ? AND key = ?");
  const started = readProcess(process.pid)?.startTime ?? "";
  const blocker = (port: number, key: string): Row | undefined => {
    // The columns of the table, as the statement selects them all.
    const row = byPort.get(port) as unknown as Row | undefined;
    if (!row || (row.instance === instance && row.key === key)) return undefined;
    // Another port of our own is taken whatever the pid: it was leased by an earlier agent of ours.
    return row.instance === instance || isSameProcess(row.pid, row.started) ? row : undefined;
  };
  return {
    portOf: (key) => (byKey.get(instance, key) as unknown as Row | undefined)?.port,
    mayTake: (port, key) => blocker(port, key) === undefined,
    take(port, key) {
      db.exec("BEGIN IMMEDIATE");
      try {
        if (blocker(port, key)) return false;
        db.prepare("DELETE FROM lease WHERE instance = ? AND key = ?").run(instance, key);
        db.prepare("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?)").run(
          port,
          instance,
          key,
          process.pid,
          started,
        );
        return true;
      } finally {
        db.exec("COMMIT");
      }
    },
    holderOf(port, key) {
      const row = blocker(port, key);
      return row && (row.instance === instance ? row.key : `another stack (${row.key}, agent ${row.pid})`);
    },
    close: () => db.close(),
  };
}
