import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Why git would take some of the paths in, whose folder need not be there yet; nothing where it would not. */
export function shownToGit(folder: string, paths: readonly string[]): string | undefined {
  const tree = workTree(folder);
  if (tree === undefined) return undefined;
  // Also what is tracked already counts as not ignored.
  const { status, stdout, stderr, error } = spawnSync("git", ["-C", tree, "check-ignore", "--stdin", "-z"], {
    input: paths.join("\0"),
    encoding: "utf8",
  });
  // 1: none is ignored.
  if (error || (status !== 0 && status !== 1))
    return `it is in the work tree ${tree} and git cannot tell (${error?.message ?? stderr.trim()})`;
  const ignored = new Set(stdout.split("\0"));
  return paths.every((path) => ignored.has(path)) ? undefined : `it is in the work tree ${tree} and is not ignored`;
}

function workTree(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : workTree(parent);
}
