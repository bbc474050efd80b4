import { lstatSync, mkdirSync } from "node:fs";
import { CaissonError } from "@caisson/core/errors";

/** Makes a folder that only we can enter (0700, missing parents too), or checks that an existing one is such. */
export function ensurePrivateFolder(path: string, uid: number): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    // a file, or a link to nothing: named below
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) throw error;
  }
  checkPrivateFolder(path, uid);
}

/**
 * Refuses a folder that somebody else prepared or can look into. In a shared place such as /tmp the name is known in
 * advance, so another user could have made it, or a link to elsewhere, before us. Throws E_FOLDER_UNSAFE.
 */
function checkPrivateFolder(path: string, uid: number): void {
  const found = lstatSync(path);
  const got = found.isSymbolicLink()
    ? "a symbolic link"
    : !found.isDirectory()
      ? "not a folder"
      : found.uid !== uid
        ? `owned by uid ${found.uid}`
        : undefined;
  if (got !== undefined) {
    throw new CaissonError("E_FOLDER_UNSAFE", `expected ${path} to be a folder owned by uid ${uid}, but it is ${got}`, {
      hint: `Remove it or give it back to uid ${uid}, then try again.`,
    });
  }
  if ((found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, "0");
    throw new CaissonError(
      "E_FOLDER_UNSAFE",
      `expected ${path} to be closed to others (0700), but its mode is ${mode}`,
      {
        hint: `Run: chmod 700 ${path}`,
      },
    );
  }
}
