import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Binding } from "./bind.ts";

/** As `pg-symlinks.json` of the npm package lists them, relative to the package's folder. */
interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Makes the npm-shipped PostgreSQL runnable and returns where it is. The package leaves its shared libraries' links to an
 * install script that npm does not run by default, a clone may lie below a 0700 folder, and as root the server runs as
 * another user: so a private copy is made, once for each version, in `folder`, whole or not at all.
 */
export function installEmbeddedPostgres(binding: Binding, folder: string): Binding {
  const source = dirname(dirname(binding.binaries["postgres"] ?? ""));
  const target = join(folder, `postgres-${binding.version}`);
  if (!existsSync(target)) copyPackage(source, target);
  const moved = (path: string): string => join(target, relative(source, path));
  return {
    ...binding,
    binaries: Object.fromEntries(Object.entries(binding.binaries).map(([name, path]) => [name, moved(path)])),
    libraryPath: join(target, "lib"),
  };
}

function copyPackage(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const staging = mkdtempSync(`${target}.`);
  try {
    // Static libraries and headers are a third of the size and serve compilers only.
    cpSync(source, staging, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith(".a") && basename(path) !== "include",
    });
    for (const link of readLinks(source)) addLink(staging, link);
    chmodSync(staging, 0o755);
    renameSync(staging, target);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    // Another stack of the same instance folder may have been faster; its copy is as good.
    if (!existsSync(target)) throw error;
  }
}

function readLinks(source: string): readonly Link[] {
  const list = join(source, "pg-symlinks.json");
  return existsSync(list) ? (JSON.parse(readFileSync(list, "utf8")) as readonly Link[]) : [];
}

function addLink(staging: string, { source, target }: Link): void {
  // native/lib/libpq.so.5.18 <- native/lib/libpq.so.5
  const path = join(staging, relative("native", target));
  if (existsSync(path)) return;
  rmSync(path, { force: true });
  symlinkSync(relative(dirname(target), source), path);
}
