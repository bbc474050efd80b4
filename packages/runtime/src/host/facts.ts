import { availableParallelism, homedir, totalmem } from "node:os";
import { delimiter } from "node:path";
import { npmPostgres, preparedPostgres, systemPostgres, type FoundPostgres } from "./postgres-servers.ts";
import { systemPrograms } from "../providers/system-programs.ts";
import { observedOnce } from "./observed-once.ts";
import { findPrograms, type FoundProgram } from "./programs.ts";

/**
 * What was observed of the host. Each search for programs runs them, to hear their versions; it is made when it is first
 * asked for, and once.
 */
export interface HostFacts {
  /** As npm names platforms: `linux-x64`. */
  readonly platform: string;
  readonly uid: number;
  readonly cpus: number;
  /** Bytes; of the control group's limit where there is one. */
  readonly memory: number;
  readonly path: string;
  readonly home: string;
  readonly timeZone: string | undefined;
  /** The server that npm ships for this platform. */
  readonly npmPostgres: FoundPostgres | undefined;
  /** The instance's private copies of servers that npm shipped, older ones too. */
  readonly preparedPostgres: readonly FoundPostgres[];
  readonly systemPostgres: readonly FoundPostgres[];
  /** `valkey-server` and `redis-server`. */
  readonly redis: readonly FoundProgram[];
  readonly nginx: readonly FoundProgram[];
  /** Programs of the other products that a host can have, by product. */
  readonly programs: Readonly<Record<string, readonly FoundProgram[]>>;
}

/** Looks around once. `env` is the caller's environment, `prepared` the folder of the instance's private copies. */
export function observeHost(env: Readonly<Record<string, string | undefined>>, prepared?: string): HostFacts {
  const path = env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  // Servers are often where only root's PATH leads.
  const folders = [...new Set([...path.split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"])].filter(Boolean);
  const limit = process.constrainedMemory();
  return observedOnce<HostFacts>({
    platform: () => `${process.platform}-${process.arch}`,
    uid: () => process.getuid?.() ?? 0,
    cpus: () => availableParallelism(),
    memory: () => (limit > 0 ? Math.min(limit, totalmem()) : totalmem()),
    path: () => path,
    home: () => env["HOME"] ?? homedir(),
    timeZone: () => env["TZ"],
    npmPostgres: () => npmPostgres(),
    preparedPostgres: () => (prepared === undefined ? [] : preparedPostgres(prepared)),
    systemPostgres: () => systemPostgres(folders),
    redis: () =>
      ["valkey-server", "redis-server"].flatMap((name) => findPrograms(folders, name, "--version", /v=(\d+[\w.]*)/)),
    nginx: () => findPrograms(folders, "nginx", "-v", /nginx\/(\d+[\w.]*)/),
    programs: () =>
      observedOnce<HostFacts["programs"]>(
        Object.fromEntries(
          Object.entries(systemPrograms).map(([product, { names, flag, version }]) => [
            product,
            () => names.flatMap((name) => findPrograms(folders, name, flag, version)),
          ]),
        ),
      ),
  });
}
