import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const skipped = /^\.|^node_modules$|^__pycache__$|\.(?:log|pyc)$/;

/**
 * The files below a folder that may belong to a program: all but dot entries, `node_modules`, and what programs leave
 * behind when they run (`__pycache__`, `*.pyc`, `*.log`). Links to folders are not followed. `onFolder` hears of every
 * folder that was looked into.
 */
export function folderFiles(folder: string, onFolder: (folder: string) => void): string[] {
  onFolder(folder);
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !skipped.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return folderFiles(path, onFolder);
      return statSync(path, { throwIfNoEntry: false })?.isFile() ? [path] : [];
    });
}
