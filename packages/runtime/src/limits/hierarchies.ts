import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One mounted cgroup tree, and where in it a process is. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** Controllers of a version 1 tree; empty for version 2, whose controllers its files tell. */
  readonly controllers: readonly string[];
  /** Folder of the tree's root. */
  readonly mount: string;
  /** Folder of the process's own cgroup. */
  readonly folder: string;
}

/** The cgroup trees of the host, as process `pid` sees them; empty where there are none. */
export function readHierarchies(pid: number | "self"): Hierarchy[] {
  try {
    return parseHierarchies(readFileSync("/proc/self/mountinfo", "utf8"), readFileSync(`/proc/${pid}/cgroup`, "utf8"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return []; // no cgroups, or no such process
    throw error;
  }
}

/** Joins /proc/self/mountinfo with /proc/<pid>/cgroup. */
export function parseHierarchies(mountinfo: string, memberships: string): Hierarchy[] {
  // 4:memory:/user.slice  for version 1,  0::/user.slice  for version 2
  const paths = memberships.split("\n").flatMap((line) => {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    return match === null ? [] : [{ controllers: (match[2] ?? "").split(",").filter(Boolean), path: match[3] ?? "/" }];
  });
  return mountinfo.split("\n").flatMap((line) => {
    // 35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root = "/", mount = ""] = left.split(" ");
    const [type, , options = ""] = right.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    const own = paths.find(({ controllers }) =>
      type === "cgroup2" ? controllers.length === 0 : controllers.some((name) => options.split(",").includes(name)),
    );
    if (own === undefined) return [];
    return [
      {
        version: type === "cgroup2" ? (2 as const) : (1 as const),
        controllers: own.controllers,
        mount: unescapePath(mount),
        folder: join(unescapePath(mount), withinRoot(own.path, unescapePath(root))),
      },
    ];
  });
}

/** In a container the mount may show only a part of the tree, while the membership counts from the tree's root. */
function withinRoot(path: string, root: string): string {
  if (root === "/") return path;
  if (path === root) return "/";
  return path.startsWith(`${root}/`) ? path.slice(root.length) : "/";
}

/** mountinfo writes blanks and the like as octal: `\040`. */
function unescapePath(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
