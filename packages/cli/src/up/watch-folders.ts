import { readdirSync, statSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../errors/command-error.ts";

/** A project has fewer folders than this, or its root is not one. */
const mostFolders = 5000;

/**
 * Calls `onChange` with the path of each file that changes below `root`, until `signal` aborts. Folders that come later
 * are watched too. What no source is in is left out: hidden folders, packages, build output. Throws E_FILE where
 * there are too many folders to be a project, or more than the host watches.
 */
export function watchFolders(root: string, onChange: (path: string) => void, signal: AbortSignal): void {
  const watchers = new Map<string, FSWatcher>();
  const add = (folder: string): void => {
    if (watchers.has(folder)) return;
    if (watchers.size >= mostFolders)
      throw cannotWatch(root, `it has more than ${mostFolders} folders`, "Start caisson in the project's own folder.");
    let watcher: FSWatcher;
    try {
      watcher = watch(folder, (_, name) => changed(folder, name));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENOSPC" || code === "EMFILE")
        throw cannotWatch(
          root,
          `the host gives no more watches (${code})`,
          "Raise fs.inotify.max_user_watches and max_user_instances.",
        );
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
      try {
        add(path);
      } catch {
        // One more than can be watched: the others go on being watched.
      }
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

function cannotWatch(root: string, why: string, hint: string): CommandError {
  return new CommandError("E_FILE", `expected to watch ${root}, but ${why}`, { hint });
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
