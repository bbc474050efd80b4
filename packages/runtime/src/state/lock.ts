import { readFileSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { CaissonError } from "@caisson/core/run";
import { replaceFile } from "../host/atomic-file.ts";
import { isSameProcess, readProcess } from "../supervisor/proc.ts";
import { isBusy } from "./table.ts";

/** Who holds a lock, and where it can be spoken to. Kept in `<lock>.json`; the lock itself is what counts. */
export interface LockHolder {
  readonly pid: number;
  /** Makes the pid unique for ever; see {@link readProcess}. */
  readonly startTime: string;
  readonly socket: string;
}

/** A lock held until `release` or the end of the process, however it ends. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock that makes us the one agent of a stack and environment. Throws E_AGENT_RUNNING, naming the holder,
 * when another process has it.
 *
 * The lock is an exclusive transaction of SQLite, since Node has no flock: a POSIX lock, freed by the kernel when its
 * process ends and not inherited by children, which outlive the agent. Nothing else in this process may open the file:
 * closing any descriptor of it would free the lock; so the holder's name is in another file.
 */
export function acquireLock(file: string, socket: string): Lock {
  const db = openLock(file);
  held.add(db);
  const holderFile = `${file}.json`;
  const self = readProcess(process.pid);
  const holder: LockHolder = { pid: process.pid, startTime: self?.startTime ?? "", socket };
  replaceFile(holderFile, JSON.stringify(holder), 0o600);
  return {
    release() {
      if (!held.delete(db)) return;
      rmSync(holderFile, { force: true });
      db.close();
    },
  };
}

/** Who holds the lock, where that process still runs. Absent also for the moment between taking it and saying so. */
export function readHolder(file: string): LockHolder | undefined {
  const holder = parseHolder(`${file}.json`);
  return holder && isSameProcess(holder.pid, holder.startTime) ? holder : undefined;
}

/** A database nobody refers to is closed by the garbage collector, and its lock with it, though nobody released it. */
const held = new Set<DatabaseSync>();

function openLock(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 0 });
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw heldBy(file, readHolder(file), error);
    const why = error instanceof Error ? error.message : String(error);
    throw new CaissonError("E_AGENT_LOCK", `the lock ${file} cannot be taken: ${why}`, { cause: error });
  }
}

function heldBy(file: string, holder: LockHolder | undefined, cause: unknown): CaissonError {
  const who = holder ? `process ${holder.pid}` : "another process";
  return new CaissonError("E_AGENT_RUNNING", `${who} already runs this stack (it holds ${file})`, { cause });
}

function parseHolder(file: string): LockHolder | undefined {
  try {
    const { pid, startTime, socket } = JSON.parse(readFileSync(file, "utf8"));
    return { pid: Number(pid), startTime: String(startTime), socket: String(socket) };
  } catch {
    return undefined; // absent or unreadable: the lock counts, not this
  }
}
