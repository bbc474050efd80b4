import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A program found on this host. */
export interface FoundProgram {
  /** Its usual name: `postgres`, `redis-server`, `valkey-server`, `nginx`. */
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly major: number;
}

/**
 * Every distinct program of that name in `folders`, in their order, with the version it says it has: `version` finds
 * it, number first. One that cannot be run, or says something else, is not there.
 */
export function findPrograms(folders: readonly string[], name: string, flag: string, version: RegExp): FoundProgram[] {
  const paths = folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
  // /usr/local/bin/postgres is often a link to the one below /usr/lib
  return [...new Set(paths.map(ownPath))].flatMap((path) => {
    const [, found] = version.exec(saysOf(path, flag)) ?? [];
    return found === undefined ? [] : [{ name, path, version: found, major: Number.parseInt(found, 10) }];
  });
}

/**
 * Where a program really is, still called by its name: one file may be several programs and act by the name it is called
 * by (Debian's redis-server is a link to redis-check-rdb).
 */
function ownPath(path: string): string {
  const real = realpathSync(path);
  return basename(real) === basename(path) ? real : join(realpathSync(dirname(path)), basename(path));
}

/** nginx says its version on stderr. */
function saysOf(path: string, flag: string): string {
  const { stdout, stderr } = spawnSync(path, [flag], {
    encoding: "utf8",
    timeout: 5000,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return `${stdout ?? ""}${stderr ?? ""}`;
}
