import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Type } from "typebox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgres } from "../components/postgres.ts";
import { redisCluster } from "../components/redis-cluster.ts";
import { redis } from "../components/redis.ts";
import { HttpUrl, PostgresUrl, RedisClusterUrl, RedisUrl, SecretText } from "./contract.ts";
import { counter } from "./metric.ts";
import { defineProgram } from "./define-program.ts";
import { toBytes, toMs } from "./quantity.ts";
import { secret } from "./secret.ts";
import { service } from "./service.ts";
import { defineStack } from "./stack.ts";
import { asValue, uses } from "./value.ts";

const program = defineProgram(import.meta, "gateway", {
  config: Type.Object({
    databaseUrl: PostgresUrl,
    redisUrl: Type.Optional(RedisUrl),
    queueUrl: RedisUrl,
    nodesUrl: Type.Optional(RedisClusterUrl),
    peerUrl: Type.Optional(HttpUrl),
    pepper: SecretText(16),
    batch: Type.Integer(),
    name: Type.String(),
    mode: Type.Union([Type.Literal("fast"), Type.Literal("safe")]),
  }),
  http: { port: 8000 },
  metrics: { ingested: counter("ingested_total", ["result"]) },
});
const params = Type.Object({ port: Type.Integer() });
const db = postgres("db");
const cache = redis("cache", { role: "cache", optional: true });
const queue = redis("queue", { role: "queue" });
const nodes = redisCluster("nodes", { role: "store" });
const fine = {
  databaseUrl: db.url,
  redisUrl: cache.url,
  queueUrl: queue.streams,
  pepper: secret("pepper"),
  batch: 5,
  name: "x",
  mode: "fast",
} as const;

/** What must compile: if it does not, the violations below prove nothing. */
export function compiles(): unknown {
  const peer = service(program, { config: { ...fine, batch: db.port, name: db.host } });
  return [
    service(program, { config: { ...fine, peerUrl: peer.url, redisUrl: undefined } }),
    service(program, { config: { ...fine, databaseUrl: uses(db.url), peerUrl: asValue<"http-url">("http://x") } }),
    service(program, { config: { ...fine, nodesUrl: nodes.url } }),
    redis("c", { role: "cache", eviction: "allkeys-lfu" }),
    program.metrics.ingested.labels satisfies readonly "result"[],
  ];
}

/** What must not compile. Never called; each error is on the line below its comment. */
export function violations(): unknown {
  const { pepper: _pepper, ...missing } = fine;
  return [
    // @ts-expect-error a missing key
    service(program, { config: missing }),
    // @ts-expect-error an unknown key
    service(program, { config: { ...fine, bach: 5 } }),
    // @ts-expect-error a URL of another kind
    service(program, { config: { ...fine, databaseUrl: queue.url } }),
    // @ts-expect-error a cluster's URL for a client of one Redis
    service(program, { config: { ...fine, queueUrl: nodes.url } }),
    // @ts-expect-error one Redis for a client of a cluster
    service(program, { config: { ...fine, nodesUrl: queue.url } }),
    // @ts-expect-error a value that may be absent for a required key
    service(program, { config: { ...fine, queueUrl: cache.url } }),
    // @ts-expect-error a literal for a secret
    service(program, { config: { ...fine, pepper: "hunter2" } }),
    // @ts-expect-error a URL for a secret
    service(program, { config: { ...fine, pepper: db.url } }),
    // @ts-expect-error a secret for a URL
    service(program, { config: { ...fine, databaseUrl: secret("url") } }),
    // @ts-expect-error plain text for a URL
    service(program, { config: { ...fine, databaseUrl: "postgres://localhost/db" } }),
    // @ts-expect-error text for a number
    service(program, { config: { ...fine, batch: "5" } }),
    // @ts-expect-error a number for text
    service(program, { config: { ...fine, name: 5 } }),
    // @ts-expect-error a reference to text for a number
    service(program, { config: { ...fine, batch: db.host } }),
    // @ts-expect-error a literal that is not one of those declared
    service(program, { config: { ...fine, mode: "quick" } }),
    // @ts-expect-error streams of a cache, which may evict them
    cache.streams,
    // @ts-expect-error eviction on a queue, which promises to keep
    redis("q", { role: "queue", eviction: "allkeys-lru" }),
    // @ts-expect-error a Redis without a role
    redis("q", {}),
    // @ts-expect-error an output the component does not have
    db.uri,
    // @ts-expect-error an address without what verifies who is there
    postgres("secure", { tls: true }).host,
    // @ts-expect-error a metric the contract does not have
    program.metrics.lost,
    // @ts-expect-error a literal cannot be a secret
    asValue<"secret">("hunter2"),
    // @ts-expect-error a duration without a unit
    toMs("5"),
    // @ts-expect-error a size with an unknown unit
    toBytes("5TB"),
    // @ts-expect-error a parameter of the wrong type in an environment
    defineStack("s", { params, environments: { dev: { port: "80" } } }, () => []),
    // @ts-expect-error a parameter that is not declared
    defineStack("s", { params }, (given) => [postgres(given.name)]),
  ];
}

describe("the type checker", () => {
  const here = fileURLToPath(import.meta.url);
  const lines = readFileSync(here, "utf8").split("\n");
  const mark = "// @ts-expect-error ";
  const expected = lines.flatMap((line, index) => (line.trim().startsWith(mark) ? [index + 2] : []));
  let folder = "";
  let found: ReadonlyMap<number, string> = new Map();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "caisson-types-"));
    const root = join(dirname(here), "../../../..");
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, "model"));
    const bare = lines.map((line) =>
      line.replace(mark, "// ").replace(/from "(\.\.?)\//, (_, up: string) => `from "${join(dirname(here), up)}/`),
    );
    writeFileSync(join(folder, "model", "bare.ts"), bare.join("\n"));
    const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as {
      compilerOptions: object;
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["model/bare.ts"] }));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    found = errorsOf(root, folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("accepts what is right and refuses each violation, on its line", () => {
    expect([...found.keys()]).toEqual(expected);
    expect(expected.length).toBeGreaterThan(20);
  });

  it("says what is wrong", () => {
    const message = (violation: string): string | undefined =>
      found.get(lines.findIndex((line) => line.includes(`${mark}${violation}`)) + 2);
    expect(message("a missing key")).toContain("Property 'pepper' is missing");
    expect(message("an unknown key")).toContain("'bach' does not exist");
    expect(message("a URL of another kind")).toContain('"postgres-url"');
    expect(message("text for a number")).toContain("'string' is not assignable to type");
  });
});

/** Errors of `bare.ts` by line; further lines of a message belong to it. */
function errorsOf(root: string, folder: string): ReadonlyMap<number, string> {
  const errors = new Map<number, string>();
  let at = 0;
  for (const line of compile(root, folder).split("\n")) {
    const match = /^model\/bare\.ts\((\d+),\d+\): error TS\d+: (.*)$/.exec(line);
    if (match) at = Number(match[1]);
    else if (!line.startsWith(" ")) continue;
    errors.set(at, `${errors.get(at) ?? ""}${match?.[2] ?? line.trim()}\n`);
  }
  return errors;
}

function compile(root: string, folder: string): string {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  try {
    return execFileSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    // Errors in the program are its exit status; what they are is on its output.
    return String((error as { stdout?: unknown }).stdout);
  }
}
