import { accessSync, constants, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { CaissonError } from "@caisson/core/run";
import type { RunSpec } from "./spawn.ts";

/**
 * Finds the file that `argv[0]` names, as the shell will: along the PATH of the run's own environment, or from `cwd`
 * where it has a slash. Throws E_PROGRAM_NOT_FOUND, or E_PROGRAM_NOT_EXECUTABLE naming what stands in the way of the user
 * it shall run as.
 */
export function findProgram(spec: Pick<RunSpec, "argv" | "env" | "cwd" | "uid" | "gid">): string {
  const [name] = spec.argv;
  if (name === undefined || name === "")
    throw new CaissonError("E_PROGRAM_NOT_FOUND", "expected a program, got an empty argv");
  if (statOf(spec.cwd)?.isDirectory() !== true) {
    throw new CaissonError("E_PROGRAM_NOT_FOUND", `expected a folder to start ${name} in, found none at ${spec.cwd}`);
  }
  const candidates = name.includes("/")
    ? [resolve(spec.cwd, name)]
    : searchPath(spec).map((folder) => join(folder, name));
  const files = candidates.filter((path) => statOf(path)?.isFile() === true);
  const usable = files.find((path) => obstacle(path, spec) === undefined);
  if (usable !== undefined) return usable;
  const [blocked] = files;
  if (blocked !== undefined) {
    throw new CaissonError("E_PROGRAM_NOT_EXECUTABLE", `cannot execute ${blocked}: ${obstacle(blocked, spec)}`);
  }
  const where = name.includes("/") ? candidates[0] : `PATH (${spec.env["PATH"] ?? "not set"})`;
  throw new CaissonError("E_PROGRAM_NOT_FOUND", `expected the program ${name}, found none at ${where}`);
}

function searchPath(spec: Pick<RunSpec, "env" | "cwd">): string[] {
  const path = spec.env["PATH"];
  if (path === undefined) return [];
  return path.split(":").map((folder) => (isAbsolute(folder) ? folder : resolve(spec.cwd, folder)));
}

/** What keeps the run's user from executing a file; undefined when nothing does. */
function obstacle(path: string, { uid, gid }: Pick<RunSpec, "uid" | "gid">): string | undefined {
  if (uid === undefined || uid === process.getuid?.()) {
    return canAccess(path) ? undefined : "it is not executable for this user";
  }
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stats = statOf(folder);
    if (stats !== undefined && !mayExecute(stats, uid, gid)) return `user ${uid} may not enter ${folder}`;
    if (folder === dirname(folder)) break;
  }
  const stats = statOf(path);
  return stats !== undefined && mayExecute(stats, uid, gid) ? undefined : `it is not executable for user ${uid}`;
}

/** The x bit that applies to a user without supplementary groups, which is how runs of another user start. */
function mayExecute(stats: Stats, uid: number, gid: number | undefined): boolean {
  if (uid === 0) return (stats.mode & 0o111) !== 0 || stats.isDirectory();
  if (stats.uid === uid) return (stats.mode & 0o100) !== 0;
  if (stats.gid === gid) return (stats.mode & 0o010) !== 0;
  return (stats.mode & 0o001) !== 0;
}

function canAccess(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // the caller says why in its own words
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // absent or not to be seen: the same for whoever wants to run it
  }
}
