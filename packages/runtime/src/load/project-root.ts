import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The project a folder belongs to: the nearest ancestor (or the folder itself) with a `package-lock.json` or `.git`,
 * else the nearest with a `package.json`; `undefined` outside any project.
 */
export function projectRoot(folder: string): string | undefined {
  return nearestWith(folder, ["package-lock.json", ".git"]) ?? nearestWith(folder, ["package.json"]);
}

/** The folder and its ancestors, nearest first. */
export function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

function nearestWith(folder: string, marks: readonly string[]): string | undefined {
  return ancestors(folder).find((each) => marks.some((mark) => existsSync(join(each, mark))));
}
