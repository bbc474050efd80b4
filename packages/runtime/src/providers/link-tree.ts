import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { errorCode } from "../host/error-code.ts";

/**
 * Makes a second tree of the same files, readable by everybody: hard links where the file system allows, else copies
 * (which share their blocks where it can). `skip` is given each path relative to `from`.
 */
export function linkTree(from: string, to: string, skip: (path: string) => boolean, below = ""): void {
  mkdirSync(join(to, below), { recursive: true });
  chmodSync(join(to, below), 0o755);
  for (const entry of readdirSync(join(from, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (skip(path)) continue;
    if (entry.isDirectory()) linkTree(from, to, skip, path);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(join(from, path)), join(to, path));
    else linkOrCopy(join(from, path), join(to, path));
  }
}

function linkOrCopy(from: string, to: string): void {
  const { mode } = statSync(from);
  const readable = (mode & 0o111) === 0 ? 0o644 : 0o755;
  // a link shares its mode, so a file that npm installed under a strict umask must be copied
  if ((mode & readable) === readable && link(from, to)) return;
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, readable);
  const descriptor = openSync(to, "r");
  try {
    fsyncSync(descriptor); // the tree is renamed into place: it must be whole after a power cut, too
  } finally {
    closeSync(descriptor);
  }
}

/** False where links are not to be had: another file system, one without links, somebody else's file. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (["EXDEV", "EPERM", "EACCES", "EMLINK", "ENOTSUP", "EOPNOTSUPP"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}
