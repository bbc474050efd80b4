import { readdirSync, statSync } from "node:fs";

/** How a file was; size -1: there was none. The inode's time changes with the content, and cannot be set back. */
export type Fingerprint = readonly [path: string, ctimeMs: number, size: number];

/** A file that changed this shortly before it was looked at might change again within the same tick of its clock. */
const racyMs = 50;

/** The fingerprints of files; `undefined` where one is missing, or so fresh that its times do not tell. */
export function fingerprints(files: readonly string[], now: number): readonly Fingerprint[] | undefined {
  const taken = fingerprintsOrAbsence(files, now);
  return taken?.some(isAbsence) === true ? undefined : taken;
}

/** The same, where that a path does not exist is something to be remembered, too. */
export function fingerprintsOrAbsence(paths: readonly string[], now: number): readonly Fingerprint[] | undefined {
  const taken = paths.map(fingerprintOf);
  return taken.some(([, ctimeMs]) => ctimeMs > now - racyMs) ? undefined : taken;
}

/** True where nothing changed since. */
export function stillSo(taken: readonly Fingerprint[]): boolean {
  return taken.every(([path, ctimeMs, size]) => {
    const [, ctimeNow, sizeNow] = fingerprintOf(path);
    return ctimeNow === ctimeMs && sizeNow === size;
  });
}

function fingerprintOf(path: string): Fingerprint {
  const stat = statSync(path, { throwIfNoEntry: false });
  return [path, stat?.ctimeMs ?? 0, stat?.size ?? -1];
}

function isAbsence([, , size]: Fingerprint): boolean {
  return size === -1;
}

/** Tells one state of a folder of sources from another: how many there are, and when the last one changed. */
export function folderStamp(folder: string): string {
  let count = 0;
  let newest = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
    count++;
    newest = Math.max(newest, statSync(`${folder}/${name}`).mtimeMs);
  }
  return `${count} ${newest}`;
}
