import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { postgresBinaries, serverUser as identity } from "./postgres-binaries.ts";

/** A real PostgreSQL of a test: `crash` is `kill -9` of the postmaster and all its backends, `start` brings it back. */
export interface TestDatabase {
  readonly url: string;
  /** The URL of a fresh, empty database of the same server. */
  create(name: string): Promise<string>;
  start(): Promise<void>;
  crash(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a PostgreSQL of its own in a temporary folder, on a free port of the loopback. */
export async function startDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "usage-pg-"));
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
  const binaries = postgresBinaries(folder);
  const data = join(folder, "data");
  const port = await freePort();
  const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C.UTF-8" };
  const initdb = spawnSync(
    join(binaries, "initdb"),
    ["-D", data, "-U", "usage", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C"],
    { ...identity, env, encoding: "utf8" },
  );
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}`);
  const settings = ["listen_addresses='127.0.0.1'", `port=${port}`, "unix_socket_directories=''", "max_connections=60"];
  writeFileSync(join(data, "postgresql.auto.conf"), `${settings.join("\n")}\n`);
  const urlOf = (database: string): string => `postgres://usage@127.0.0.1:${port}/${database}`;
  let server: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    server = spawn(join(binaries, "postgres"), ["-D", data], { ...identity, env, stdio: "ignore" });
    const started = server;
    await until(() => {
      if (started.exitCode !== null) throw new Error(`postgres exited with ${started.exitCode}`);
      return query(urlOf("postgres"), "select 1");
    });
  };
  const crash = async (): Promise<void> => {
    if (server?.pid === undefined || server.exitCode !== null) return;
    const exited = once(server, "exit");
    // Stopped first, so that it forks no backend between the look and the kill: one that is left would hold the shared
    // memory, and the next start would be refused.
    server.kill("SIGSTOP");
    const backends = childrenOf(server.pid);
    for (const pid of backends) kill(pid);
    server.kill("SIGKILL");
    await exited;
    await until(async () => {
      for (const pid of backends) if (isAlive(pid)) throw new Error(`expected backend ${pid} to be gone`);
    });
    server = undefined;
  };
  await start();
  return {
    url: urlOf("postgres"),
    create: async (name) => {
      await query(urlOf("postgres"), `create database ${name}`);
      return urlOf(name);
    },
    start,
    crash,
    [Symbol.asyncDispose]: async () => {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined); // the query below reports what went wrong
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Repeats `attempt` until it does not throw; after 60 s its last error is thrown. */
export async function until<T>(attempt: () => Promise<T>, deadlineMs = 60_000): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(25);
    }
  }
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

// Every backend has a session of its own, so a signal to the postmaster's group would miss them.
function childrenOf(pid: number): number[] {
  const found = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return found.stdout
    .split("\n")
    .map(Number)
    .filter((each) => each > 0);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // already gone
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
