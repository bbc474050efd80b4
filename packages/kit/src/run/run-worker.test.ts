import pg from "pg";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createTestPostgres, type TestPostgres } from "../testing/postgres.ts";
import { endPrograms, startProgram, type TestProgram } from "../testing/program.ts";
import { until } from "../testing/until.ts";

let postgres: TestPostgres;
let home: string;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  postgres = await createTestPostgres();
  home = await mkdtemp(join(tmpdir(), "caisson-kit-"));
  const file = join(home, "database-url");
  await writeFile(file, `${postgres.url}\n`, { mode: 0o600 });
  environment = { DATABASE_URL_FILE: file, LOG_LEVEL: "debug" };
});
afterEach(async () => {
  await endPrograms();
  await postgres.stop();
});
afterAll(async () => {
  await postgres.remove();
  await rm(home, { recursive: true });
});

interface Ready {
  readonly status: number;
  readonly reasons: readonly { readonly name: string; readonly detail: string }[];
}

async function ready(program: TestProgram): Promise<Ready> {
  const response = await fetch(`${await program.managementUrl()}/health/ready`);
  const { reasons } = (await response.json()) as Pick<Ready, "reasons">;
  return { status: response.status, reasons };
}

async function sql(...statements: readonly string[]): Promise<readonly pg.QueryResult[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const results: pg.QueryResult[] = [];
  for (const statement of statements) results.push(await client.query(statement));
  await client.end();
  return results;
}

describe("a worker and its database", () => {
  test("boots without one, becomes ready when the database and then its schema are there, survives losing it, and drains", async () => {
    const worker = startProgram("worker", environment);
    const management = await worker.managementUrl();
    expect((await fetch(`${management}/health/live`)).status).toBe(200);
    const refused = await until(
      () => ready(worker),
      ({ reasons }) => reasons.some(({ detail }) => /ECONNREFUSED/.test(detail)),
    );
    expect(refused).toMatchObject({ status: 503, reasons: [{ name: "postgres" }, { name: "schema" }] });

    await postgres.start();
    const unmigrated = await until(
      () => ready(worker),
      // Two checks, each in its own time: the one of the schema may still tell of the connection it did not get, or of a
      // server that is only starting.
      ({ reasons }) => reasons.length === 1 && reasons.every(({ detail }) => detail.startsWith("the schema is at")),
    );
    expect(unmigrated.reasons).toMatchObject([
      { name: "schema", detail: "the schema is at version 0, expected 2; the migrations have not been run" },
    ]);

    await sql(
      "create table steps (id bigint generated always as identity)",
      "create table caisson_schema (version int primary key, name text, sha256 text, applied_at timestamptz)",
      "insert into caisson_schema (version) values (1)",
    );
    await until(
      () => ready(worker),
      ({ reasons }) => reasons.some(({ detail }) => detail.includes("at version 1")),
    );
    await sql("insert into caisson_schema (version) values (2)");
    await until(
      () => ready(worker),
      ({ status }) => status === 200,
    );
    await worker.line(({ msg }) => msg === "step");
    const metrics = await (await fetch(`${management}/metrics`)).text();
    expect(metrics).toMatch(/^db_pool_connections\{pool="postgres",state="(idle|busy)"\} [12]$/m);
    expect(metrics).toMatch(/^program_ready 1$/m);

    await postgres.stop();
    const lost = await until(
      () => ready(worker),
      ({ status }) => status === 503,
    );
    expect(lost.reasons.map(({ name }) => name)).toContain("postgres");
    expect(await (await fetch(`${management}/metrics`)).text()).toMatch(/^program_ready 0$/m);
    await worker.line(({ msg }) => msg === "loop step failed; trying again");
    expect((await fetch(`${management}/health/live`)).status).toBe(200);

    await postgres.start();
    await until(
      () => ready(worker),
      ({ status }) => status === 200,
    );
    const before = worker.lines.length;
    await worker.line((line) => line.msg === "step" && worker.lines.indexOf(line) >= before);

    worker.kill("SIGTERM");
    expect(await worker.exit).toEqual({ code: 0, signal: null });
    const end = worker.lines.find(({ msg }) => msg === "drain function ran");
    const [count] = await sql("select count(*)::int as n from steps");
    expect(count?.rows).toEqual([{ n: end?.["steps"] }]);
    expect(worker.output()).not.toContain("canary");
    expect(worker.output()).not.toContain(encodeURIComponent(postgres.password));
  });

  test("asked to stop before it was ever ready, it ends with 0", async () => {
    const worker = startProgram("worker", environment);
    await until(
      () => ready(worker),
      ({ reasons }) => reasons.some(({ detail }) => detail.includes("ECONNREFUSED")),
    );
    worker.kill("SIGTERM");
    expect(await worker.exit).toEqual({ code: 0, signal: null });
  });

  test("a database that accepts and says nothing makes it not ready; it is ready again when the database answers", async () => {
    await postgres.start();
    const worker = startProgram("worker", environment);
    await until(
      () => ready(worker),
      ({ status }) => status === 200,
    );
    postgres.pause();
    const silent = await until(
      () => ready(worker),
      ({ status }) => status === 503,
    );
    expect(silent.reasons).toMatchObject([{ name: "postgres", detail: expect.stringMatching(/timeout/) }]);
    expect((await fetch(`${await worker.managementUrl()}/health/live`)).status).toBe(200);
    postgres.resume();
    await until(
      () => ready(worker),
      ({ status }) => status === 200,
    );
  });

  test("a loop that hangs makes live answer 503 with its name; the program still ends on SIGTERM, late and with 1", async () => {
    await postgres.start();
    const worker = startProgram("worker", {
      ...environment,
      HANG_AFTER: "0", // at once: on a busy machine a step before it may be slow enough to look like one that hangs
      STALL_MS: "300",
      DRAIN_TIMEOUT_MS: "500",
    });
    const live = async (): Promise<{ status: number; body: unknown }> => {
      const response = await fetch(`${await worker.managementUrl()}/health/live`);
      return { status: response.status, body: await response.json() };
    };
    const dead = await until(live, ({ status }) => status === 503);
    expect(dead.body).toMatchObject({
      live: false,
      problems: [expect.stringMatching(/^loop steps has not moved for .* s, allowed 0.3 s$/)],
    });
    worker.kill("SIGTERM");
    expect(await worker.exit).toEqual({ code: 1, signal: null });
    expect(worker.lines.at(-1)).toMatchObject({ level: "error", msg: "not drained within 500 ms; ending anyway" });
  });

  test("a password that is wrong leaks nowhere", async () => {
    await postgres.start();
    const url = new URL(postgres.url);
    url.password = "wrong-canary-9";
    const worker = startProgram("worker", { DATABASE_URL: String(url), LOG_LEVEL: "trace" });
    const denied = await until(
      () => ready(worker),
      ({ reasons }) => reasons.some(({ name, detail }) => name === "postgres" && detail.includes("authentication")),
    );
    expect(denied.reasons[0]).toMatchObject({
      name: "postgres",
      detail: 'password authentication failed for user "app"',
    });
    const broken = startProgram("worker", {
      DATABASE_URL: "postgres://app:canary-11@127.0.0.1:99999/postgres",
      LOG_LEVEL: "trace",
    });
    await until(
      () => ready(broken),
      ({ reasons }) => reasons.some(({ name, detail }) => name === "postgres" && detail !== "not looked at yet"),
    );
    for (const program of [worker, broken]) {
      const health = await (await fetch(`${await program.managementUrl()}/health`)).text();
      expect(`${program.output()}${health}`).not.toMatch(/canary/);
    }
  });
});
