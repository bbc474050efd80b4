import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { CaissonError } from "@caisson/core/run";
import { syncFolder } from "../host/sync-folder.ts";
import { isAlive, readProcess } from "../supervisor/proc.ts";
import type { Binding } from "./bind.ts";
import { linkTree } from "./link-tree.ts";

/**
 * Makes the npm-shipped PostgreSQL runnable and returns where it is: a private tree in `folder`, made once a version,
 * whole or not at all. Needed because the package leaves its libraries' links to an install script that npm does not
 * run by default, because a clone may lie below a 0700 folder that the service user cannot enter, and because an
 * `npm ci` must not take the programs from under a running server. A dry run only says where it would be. Throws
 * E_PROVIDER_BROKEN.
 */
export function installEmbeddedPostgres(binding: Binding, folder: string, dryRun = false): Binding {
  const source = dirname(dirname(binding.binaries["postgres"] ?? ""));
  const target = join(folder, `postgres-${binding.version}`);
  if (!dryRun && !existsSync(target)) install(source, target);
  const moved = (path: string): string => join(target, relative(source, path));
  return {
    ...binding,
    binaries: Object.fromEntries(Object.entries(binding.binaries).map(([name, path]) => [name, moved(path)])),
  };
}

function install(source: string, target: string): void {
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  removeUnfinished(folder);
  const staging = mkdtempSync(join(folder, `${unfinished}${process.pid}-`));
  try {
    // static libraries and headers serve compilers only
    linkTree(source, staging, (path) => path.endsWith(".a") || ["include", "pkgconfig"].includes(basename(path)));
    for (const each of listedLinks(source)) addLink(staging, each);
    requireProgram(source, staging, "postgres");
    requireProgram(source, staging, "initdb");
    renameSync(staging, target);
    syncFolder(folder);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    // Another process may have been faster; its tree is as good.
    if (!existsSync(target)) throw error;
  }
}

/** As `pg-symlinks.json` lists them, relative to the package: `native/lib/libpq.so.5` is to be a link to `source`. */
interface ListedLink {
  readonly source: string;
  readonly target: string;
}

function listedLinks(source: string): readonly ListedLink[] {
  const list = join(source, "pg-symlinks.json");
  // the package's own file, in the form its install script reads
  return existsSync(list) ? (JSON.parse(readFileSync(list, "utf8")) as readonly ListedLink[]) : [];
}

function addLink(staging: string, { source, target }: ListedLink): void {
  const path = join(staging, relative("native", target));
  if (existsSync(path)) return;
  rmSync(path, { force: true }); // a link to nothing
  symlinkSync(relative(dirname(target), source), path);
}

function requireProgram(source: string, staging: string, name: string): void {
  if (existsSync(join(staging, "bin", name))) return;
  throw new CaissonError("E_PROVIDER_BROKEN", `expected the program ${name} in ${join(source, "bin")}, found none`, {
    hint: "Install the packages again: npm ci",
  });
}

const unfinished = ".new-";

/** What a crash in the middle left; another process's work in progress is not touched. */
function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(unfinished)) continue;
    const maker = readProcess(Number.parseInt(name.slice(unfinished.length), 10));
    if (!maker || !isAlive(maker)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
