import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes a rename, link or unlink inside `folder` survive a power cut. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
