import { chmodSync, closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { CaissonError } from "@caisson/core/run";
import { errorCode } from "../host/error-code.ts";
import { DamagedError, isBusy, openTable, type Content, type Table } from "./table.ts";

/** How a state file was found. `unusable`: its content is whole, but it cannot be written to. */
export type Loaded =
  | { readonly found: "sound"; readonly content: Content; readonly table: Table }
  | { readonly found: "unusable"; readonly content: Content; readonly reason: string }
  | { readonly found: "damaged"; readonly reason: string }
  | { readonly found: "nothing" };

/**
 * Reads a state file in whatever condition it is; `scratch` is a folder for a passing copy. Throws E_STATE_BUSY where
 * another process has it open, E_STATE_READ where it may be sound but cannot be read.
 */
export function loadState(file: string, scratch: string, busyMs: number): Loaded {
  if (!existsSync(file)) {
    return existsSync(`${file}-journal`)
      ? { found: "damaged", reason: "it is gone, its journal is not" }
      : { found: "nothing" };
  }
  const hot = startsWith(`${file}-journal`, journalMagic);
  // Asked before SQLite is, which would throw away a journal that does not fit.
  if (!hot && !startsWith(file, databaseMagic)) return { found: "damaged", reason: "it is not a database" };
  try {
    const { table, content, flaw } = openTable(file, busyMs);
    if (flaw === undefined) return { found: "sound", table, content };
    table.close();
    return { found: "unusable", content, reason: flaw };
  } catch (error) {
    if (error instanceof DamagedError) return { found: "damaged", reason: error.message };
    if (isBusy(error)) {
      throw new CaissonError("E_STATE_BUSY", `the state ${file} is open in another process`, { cause: error });
    }
    return loadCopy(file, scratch, error instanceof Error ? error.message : String(error));
  }
}

/** SQLite must be able to write beside a file, if only to roll its journal back; so a read-only one is read elsewhere. */
function loadCopy(file: string, scratch: string, reason: string): Loaded {
  try {
    return { found: "unusable", content: readCopy(file, scratch), reason };
  } catch (error) {
    if (error instanceof DamagedError) return { found: "damaged", reason: error.message };
    const why = error instanceof Error ? error.message : String(error);
    throw new CaissonError(
      "E_STATE_READ",
      `the state ${file} cannot be read: ${reason}; nor can a copy of it: ${why}`,
      {
        cause: error,
      },
    );
  }
}

function readCopy(file: string, scratch: string): Content {
  const folder = mkdtempSync(join(scratch, "caisson-state-"));
  try {
    const copy = join(folder, basename(file));
    for (const suffix of ["", "-journal"]) {
      if (!existsSync(file + suffix)) continue;
      copyFileSync(file + suffix, copy + suffix);
      chmodSync(copy + suffix, 0o600); // a copy takes the original's mode, which may be read-only
    }
    const { table, content } = openTable(copy, 0);
    table.close();
    return content;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const databaseMagic = Buffer.from("SQLite format 3\0");
const journalMagic = Buffer.from("d9d505f920a163d7", "hex");

/** A file that cannot be read is left to SQLite to complain of. */
function startsWith(file: string, magic: Buffer): boolean {
  const start = Buffer.alloc(magic.length);
  try {
    const descriptor = openSync(file, "r");
    try {
      readSync(descriptor, start);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return errorCode(error) !== "ENOENT";
  }
  return start.equals(magic);
}
