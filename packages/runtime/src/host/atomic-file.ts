import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorCode } from "./error-code.ts";
import { syncFolder } from "./sync-folder.ts";

/** Whom a file is given to; we must be root to give it to somebody else. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Replaces a file as a whole: after a crash at any moment it holds all of the old or all of the new content. */
export function replaceFile(path: string, content: string, mode: number, owner?: Owner): void {
  withTemporary(path, content, mode, owner, (temporary) => renameSync(temporary, path));
}

/** The same for a file that must not exist yet. False, and nothing changed, when somebody made it first. */
export function createFile(path: string, content: string, mode: number): boolean {
  return withTemporary(path, content, mode, undefined, (temporary) => publish(temporary, path));
}

/** True for a name that {@link replaceFile} gives to its unfinished files; a crash may leave one behind. */
export function isTemporary(name: string): boolean {
  return /^\..+\.\d+-[0-9a-f]{12}\.tmp$/.test(name);
}

function withTemporary<T>(
  path: string,
  content: string,
  mode: number,
  owner: Owner | undefined,
  use: (temporary: string) => T,
): T {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
  try {
    const descriptor = openSync(temporary, "wx", mode);
    try {
      fchmodSync(descriptor, mode); // whatever the umask took away
      const bytes = Buffer.from(content);
      for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
      if (owner) fchownSync(descriptor, owner.uid, owner.gid);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const result = use(temporary);
    syncFolder(dirname(path));
    return result;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** link(2) fails where the name exists, which rename(2) does not; some file systems have no links. */
function publish(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(errorCode(error) ?? "")) throw error;
  }
  if (existsSync(path)) return false;
  renameSync(temporary, path);
  return true;
}
