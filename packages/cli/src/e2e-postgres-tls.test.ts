import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { connect as dial } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";

const stack = `
import { defineProgram, defineStack, postgres, PostgresUrl, service, Type } from "@caisson/core";

const program = defineProgram(import.meta, "api", {
  main: "./service.mjs",
  management: false,
  config: Type.Object({ databaseUrl: PostgresUrl }),
  http: { port: 18332 },
});
const db = postgres("db", { user: "shop", database: "shop", port: 18333, extensions: ["pg_trgm"], tls: true });
export default defineStack("secure", [db, service(program, { config: { databaseUrl: db.url } })]);
`;

/** Answers with how its own session is spoken, and by which URL. */
const service = `
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import pg from ${JSON.stringify(createRequire(import.meta.url).resolve("pg"))};
const url = readFileSync(process.env.DATABASE_URL_FILE, "utf8");
createServer(async (request, response) => {
  if (request.url.startsWith("/health")) return response.end();
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  const answer = await client.connect()
    .then(() => client.query("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"))
    .then(({ rows }) => rows[0], ({ message }) => ({ message }));
  await client.end().catch(() => {});
  response.end(JSON.stringify({ ...answer, mode: new URL(url).searchParams.get("sslmode") }));
}).listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => process.exit(0));
`;

interface Shown {
  readonly resources: readonly { readonly name: string; readonly addresses: Readonly<Record<string, string>> }[];
}

interface Secure {
  readonly cwd: string;
  readonly port: number;
  readonly ca: string;
  readonly login: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
  readonly ask: () => Promise<unknown>;
}

async function up(): Promise<Secure> {
  const cwd = stackFolder({ "stack.ts": stack, "service.mjs": service });
  const output = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(args, { cwd });
    expect([args, code, stderr]).toEqual([args, 0, expect.any(String)]);
    return stdout;
  };
  await output("up", "-d", "--wait");
  const { resources } = JSON.parse(await output("ps", "--format", "json")) as Shown;
  const address = (name: string): string =>
    Object.values(resources.find((each) => each.name === name)?.addresses ?? {})[0] ?? "";
  const port = Number(/:(\d+)$/.exec(address("db"))?.[1]);
  return {
    cwd,
    port,
    ca: await output("secret", "get", "local-authority", "--certificates"),
    login: {
      host: "127.0.0.1",
      port,
      user: "shop",
      password: (await output("secret", "get", "db-shop", "--yes")).trim(),
    },
    ask: async () => (await fetch(address("api"))).json(),
  };
}

/** Why the server, or we, refused; empty: nobody did. */
async function refusal(config: pg.ClientConfig): Promise<string> {
  const client = new pg.Client({ database: "shop", ...config });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.end();
    return "";
  } catch (error) {
    return `${(error as { code?: string }).code ?? ""} ${(error as Error).message}`;
  }
}

/** TLS as PostgreSQL's clients begin it. */
async function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const raw = dial(port, "127.0.0.1");
  onTestFinished(() => void raw.destroy());
  raw.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const [answer] = (await once(raw, "data")) as [Buffer];
  expect(answer.toString()).toBe("S");
  const socket = connect({ socket: raw, servername: "localhost", ...options });
  await once(socket, "secureConnect");
  return socket;
}

const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

test("PostgreSQL speaks TLS 1.2 and newer and nothing else, and who connects verifies it", async () => {
  const { cwd, port, ca, login, ask } = await up();
  expect(await ask()).toEqual({ ssl: true, version: "TLSv1.3", mode: "verify-full" });

  // In the clear nobody is let in, whatever they know.
  expect(await refusal({ ...login, ssl: false })).toMatch(/^28000 .*no encryption/);
  expect(await refusal({ ...login, ssl: { ca } })).toBe("");
  // Whom the client does not know it refuses itself.
  expect(await refusal({ ...login, ssl: {} })).toMatch(/^SELF_SIGNED_CERT_IN_CHAIN|^UNABLE_TO/);
  expect(await refusal({ ...login, ssl: { ca, host: "example.org" } as never })).toMatch(
    /^ERR_TLS_CERT_ALTNAME_INVALID/,
  );

  expect((await handshake(port, { ca, maxVersion: "TLSv1.2" })).getProtocol()).toBe("TLSv1.2");
  // The server's own word, not ours: the client offers no more than 1.1.
  await expect(handshake(port, { ca, ...old })).rejects.toMatchObject({ code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });

  // Who looks at certificates alone asks for one with the first byte, and is told.
  const looking = connect({ port, host: "127.0.0.1", ca, servername: "localhost" });
  onTestFinished(() => void looking.destroy());
  await once(looking, "secureConnect");
  expect(Date.parse(looking.getPeerCertificate().valid_to)).toBeGreaterThan(Date.now());

  const how = "select version from pg_stat_ssl where pid = pg_backend_pid()";
  const sql = await runCli(["sql", "db", "-c", how, "--format", "jsonl"], { cwd });
  expect(sql).toMatchObject({ code: 0, stdout: '{"version":"TLSv1.3"}\n' });
  expect((await runCli(["up", "-d"], { cwd })).stdout).toContain("nothing to do");

  // Another certificate of the same authority is a restart of the server and nothing to its clients.
  const shown = async () => (await handshake(port, { ca })).getPeerCertificate().fingerprint256;
  const before = await shown();
  expect(await runCli(["secret", "reset", "db-certificate", "--yes"], { cwd })).toMatchObject({ code: 0 });
  const { stdout: plan } = await runCli(["plan"], { cwd });
  expect(plan).toMatch(/set db to #2/);
  expect(plan).toContain("unchanged: db-provision, api\n");
  expect(await runCli(["up", "-d", "--wait"], { cwd })).toMatchObject({ code: 0 });
  expect(await shown()).not.toBe(before);
  await expect.poll(ask, { timeout: 60_000 }).toMatchObject({ ssl: true });

  // One that nobody could verify is refused before anything is touched.
  expect(await runCli(["secret", "set", "db-certificate"], { cwd, input: "nonsense" })).toMatchObject({ code: 0 });
  const refused = await runCli(["up", "-d"], { cwd });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/E_SECRET_VALUE.*db: expected a key .* in the secret db-certificate/);
  expect(await ask()).toMatchObject({ ssl: true });
});

const psql = spawnSync("psql", ["--version"]).status === 0;
test.skipIf(!psql)(
  `psql verifies by the URL it is given${psql ? "" : " (skipped: psql is not installed)"}`,
  async () => {
    const { cwd } = await up();
    const run = (url: string) => runCli(["run", "--", "sh", "-c", `psql "${url}" -Atc 'select 42'`], { cwd });
    expect(await run("$(cat $DB_URL_FILE)")).toMatchObject({ code: 0, stdout: "42\n" });
    const plain = "$(sed s/sslmode=verify-full/sslmode=disable/ $DB_URL_FILE)";
    expect(await run(plain)).toMatchObject({ code: 2, stderr: expect.stringContaining("no encryption") });
    const system = "$(sed 's/&sslrootcert=.*/\\&sslrootcert=%2Fdev%2Fnull/' $DB_URL_FILE)";
    expect(await run(system)).toMatchObject({ code: 2, stderr: expect.stringMatching(/certificate/) });
  },
);
