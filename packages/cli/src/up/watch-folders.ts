import { readdirSync, statSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";

/** A project has fewer folders than this, or its root is not one. */
const mostFolders = 5000;

/**
 * Calls `onChange` with the path of each file that changes below `root`, until `signal` aborts. Folders that come later
 * are watched too. What no source is in is left out: hidden folders, packages, build output. Throws where there are too
 * many folders to be a project.
 */
export function watchFolders(root: string, onChange: (path: string) => void, signal: AbortSignal): void {
  const watchers = new Map<string, FSWatcher>();
  const add = (folder: string): void => {
    if (watchers.has(folder)) return;
    if (watchers.size >= mostFolders) throw new Error(`${root} has more than ${mostFolders} folders`);
    let watcher: FSWatcher;
    try {
      watcher = watch(folder, (_, name) => changed(folder, name));
    } catch {
      return; // it was removed in the meantime, or is not ours to read
    }
    watcher.on("error", () => {
      watcher.close();
      watchers.delete(folder);
    });
    watchers.set(folder, watcher);
    for (const inside of folders(folder)) add(inside);
  };
  const changed = (folder: string, name: string | null): void => {
    if (name === null || ignored(name)) return;
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) {
      if (watchers.size < mostFolders) add(path);
    } else {
      if (found === undefined) watchers.get(path)?.close();
      if (found === undefined) watchers.delete(path);
      onChange(path);
    }
  };
  add(root);
  signal.addEventListener("abort", () => {
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  });
}

function folders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !ignored(entry.name))
      .map((entry) => join(folder, entry.name));
  } catch {
    return []; // removed in the meantime, or not ours to read
  }
}

/** Names that no source has. Editors save through hidden files and backups; `.env` is a source. */
function ignored(name: string): boolean {
  if (name === ".env" || name.startsWith(".env.")) return false;
  return name.startsWith(".") || name.endsWith("~") || ["node_modules", "dist", "coverage"].includes(name);
}
