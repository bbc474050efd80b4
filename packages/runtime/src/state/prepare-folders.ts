import { chmodSync, existsSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CaissonError } from "@caisson/core/errors";
import { ensurePrivateFolder } from "../host/private-folder.ts";
import type { InstanceLayout, Layout } from "./layout.ts";

/** Makes the folders of a layout, or verifies that they are ours and closed to others. Throws E_FOLDER_UNSAFE. */
export function prepareFolders(layout: Layout, uid: number): void {
  ensurePrivateFolder(layout.stateFolder, uid);
  prepareSharedFolders(layout, uid);
  // state, secrets and data are nobody's commit
  const ignore = join(dirname(dirname(layout.stateFolder)), ".gitignore");
  if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
}

/** The same of those that are not in the project: who only looks at it leaves it as it is. */
export function prepareSharedFolders(layout: Layout, uid: number): void {
  ensurePrivateFolder(layout.socketFolder, uid);
  if (layout.instancesFolder === layout.hostFolder) ensureTrustedFolder(layout.hostFolder, uid);
  else ensurePrivateFolder(layout.hostFolder, uid);
}

/** Makes an instance's folder and those below. The data's own folders are made, and given away, by who fills them. */
export function prepareInstanceFolders(instance: InstanceLayout, uid: number): void {
  if (instance.mode === 0o700) ensurePrivateFolder(instance.folder, uid);
  else ensureTrustedFolder(instance.folder, uid);
  for (const folder of [instance.binaries, instance.data, instance.files, instance.runs, instance.logs]) {
    mkdirSync(folder, { recursive: true, mode: instance.mode });
    chmodSync(folder, instance.mode);
  }
}

/** 0755: others may look, only we may write. */
function ensureTrustedFolder(path: string, uid: number): void {
  if (mkdirSync(path, { recursive: true, mode: 0o755 }) !== undefined) chmodSync(path, 0o755); // whatever the umask
  const found = lstatSync(path);
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0) return;
  throw new CaissonError("E_FOLDER_UNSAFE", `expected ${path} to be a folder that only uid ${uid} can write`, {
    hint: `Run: chown ${uid} ${path} && chmod 755 ${path}`,
  });
}
