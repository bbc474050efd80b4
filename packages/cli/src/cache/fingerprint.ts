import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** How a file was. The inode's time changes with the content, and cannot be set back. */
export type Fingerprint = readonly [path: string, ctimeMs: number, size: number];

/** A file that changed this shortly before it was looked at might change again within the same tick of its clock. */
const racyMs = 50;

/** The fingerprints of files; `undefined` where one is missing, or so fresh that its times do not tell. */
export function fingerprints(files: readonly string[], now: number): readonly Fingerprint[] | undefined {
  const taken: Fingerprint[] = [];
  for (const path of files) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.ctimeMs > now - racyMs) return undefined;
    taken.push([path, stat.ctimeMs, stat.size]);
  }
  return taken;
}

/** True where no file changed since. */
export function stillSo(taken: readonly Fingerprint[]): boolean {
  return taken.every(([path, ctimeMs, size]) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && stat.ctimeMs === ctimeMs && stat.size === size;
  });
}

/** Tells one state of a folder of sources from another: how many files, and when the last one changed. */
export function folderStamp(folder: string): string {
  let count = 0;
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    count++;
    newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return `${count} ${newest}`;
}
