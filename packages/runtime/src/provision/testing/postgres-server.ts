import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observeHost } from "../../host/facts.ts";
import { serviceUser } from "../../host/service-user.ts";
import { bindProvider } from "../../providers/bind.ts";
import { installEmbeddedPostgres } from "../../providers/embedded-postgres.ts";

/** A real PostgreSQL 18 in a temporary folder, on a free port of loopback. Logs every statement. */
export interface PostgresServer {
  readonly port: number;
  readonly password: string;
  /** Everything the server logged so far. */
  log(): string;
  start(): Promise<void>;
  /** `SIGINT`: in order; `SIGQUIT`: at once, as a crash of the machine would, with recovery at the next start. */
  stop(signal: "SIGINT" | "SIGQUIT"): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes the server's data; `start` starts it. */
export async function makePostgresServer(): Promise<PostgresServer> {
  const bound = bindProvider({ product: "postgres", major: 18, extensions: [] }, observeHost(process.env));
  if (!bound.available) throw new Error(bound.reason);
  const folder = mkdtempSync(join(tmpdir(), "caisson-provision-"));
  chmodSync(folder, 0o755);
  const { binaries, libraryPath } = installEmbeddedPostgres(bound.binding, join(folder, "bin"));
  const user = serviceUser(process.getuid?.() ?? 0);
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  const password = "admin'secret/with:what@urls%20escape";
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [data, passwordFile]) chownSync(path, user.uid, user.gid);
  const options = {
    env: { ...(libraryPath !== undefined && { LD_LIBRARY_PATH: libraryPath }), LC_ALL: "C.UTF-8" },
    cwd: folder,
    ...(user && { uid: user.uid, gid: user.gid }),
  };
  const initdb = ["-D", data, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const locale = [
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
  ];
  execFileSync(binaries["initdb"] ?? "", [...initdb, ...locale], { ...options, stdio: "pipe" });
  const port = await freePort();
  const settings = [
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
    "log_statement=all",
    "log_min_messages=info",
  ];
  const argv = ["-D", data, "-p", String(port), ...settings.flatMap((each) => ["-c", each])];

  let log = "";
  let server: ChildProcess | undefined;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (server === undefined || server.exitCode !== null) return;
    const exited = once(server, "exit");
    server.kill(signal);
    await exited;
    server = undefined;
  };
  return {
    port,
    password,
    log: () => log,
    async start() {
      const from = log.length;
      const child = spawn(binaries["postgres"] ?? "", argv, { ...options, stdio: ["ignore", "ignore", "pipe"] });
      server = child;
      child.stderr.setEncoding("utf8");
      await new Promise<void>((resolve, reject) => {
        child.stderr.on("data", (text: string) => {
          log += text;
          if (log.slice(from).includes("ready to accept connections")) resolve();
        });
        child.once("exit", () => reject(new Error(log.slice(from))));
      });
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop("SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  // A listening TCP server has an address and a port.
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}
