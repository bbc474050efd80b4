import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createLog, type Log } from "../log/create-log.ts";
import { redactor } from "../log/redact.ts";
import { schemaProbe } from "../postgres/checks.ts";
import { createPostgres, type Postgres } from "../postgres/postgres.ts";
import { createTestPostgres, type TestPostgres } from "../testing/postgres.ts";
import { endPrograms, startProgram } from "../testing/program.ts";
import { until } from "../testing/until.ts";
import { migrate } from "./migrate.ts";

let server: TestPostgres;
let admin: pg.Client;
let url: string;
let folder: string;
let databases = 0;
let log: Log;

beforeAll(async () => {
  server = await createTestPostgres();
  await server.start();
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  log = await createLog({
    service: "test",
    replica: "1",
    level: "info",
    redact: redactor([]),
    scope: () => ({}),
    write: () => {},
  });
});
beforeEach(async () => {
  url = await database();
  folder = await mkdtemp(join(tmpdir(), "caisson-kit-migrations-"));
});
afterEach(async () => {
  await endPrograms();
  await rm(folder, { recursive: true });
});
afterAll(async () => {
  await admin.end();
  await server.remove();
});

async function database(): Promise<string> {
  const name = `d${++databases}`;
  await admin.query(`create database ${name}`);
  return server.url.replace(/\/postgres$/, `/${name}`);
}

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
}

async function withPool<T>(work: (postgres: Postgres) => Promise<T>, to = url): Promise<T> {
  const postgres = createPostgres(to, { size: 2 }, { applicationName: "test", onLost: () => {} });
  try {
    return await work(postgres);
  } finally {
    await postgres.end();
  }
}

const run = (): ReturnType<typeof migrate> => withPool((postgres) => migrate(postgres, folder, log));

/** Everything that migrations make here: columns, indexes and the ledger without its times. */
async function schema(of = url): Promise<unknown> {
  return withPool(async (postgres) => {
    const columns = await postgres.query(
      "select table_name, column_name, data_type, column_default from information_schema.columns where table_schema = 'public' order by 1, 2",
    );
    const indexes = await postgres.query(
      "select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1",
    );
    const ledger = await postgres.query("select version, name, sha256 from caisson_schema order by 1");
    return [columns.rows, indexes.rows, ledger.rows];
  }, of);
}

/** Each file waits in its middle for an advisory lock with its own number. */
const files = {
  "0001-events.sql":
    "create table events (id int primary key); select pg_advisory_xact_lock(1); create index on events (id);",
  "0002-totals.sql": `-- a trigger function may well say begin
    create function f() returns trigger language plpgsql as $$ begin return new; end $$;
    create table totals (id int); select pg_advisory_xact_lock(2); alter table events add column tenant text default ';commit;';`,
  "0003-more.sql": "alter table totals add column n int; select pg_advisory_xact_lock(3); create index on totals (n);",
};

describe("migrate", () => {
  test("applies each file once, in order; a second run changes nothing", async () => {
    await put(files);
    await put({ "0010-last.sql": "create table last (id int)", "readme.md": "not a migration" });
    expect(await run()).toEqual({ version: 10, applied: [1, 2, 3, 10] });
    const first = await schema();
    expect(await run()).toEqual({ version: 10, applied: [] });
    expect(await schema()).toEqual(first);
    await put({ "0011-next.sql": "drop table last" });
    expect(await run()).toEqual({ version: 11, applied: [11] });
  });

  test.each([1, 2, 3])("killed in the middle of file %i, the next run ends with the same schema", async (crash) => {
    await put(files);
    const whole = await database();
    await withPool((postgres) => migrate(postgres, folder, log), whole);

    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query("select pg_advisory_lock($1)", [crash]);
    const environment = { DATABASE_URL: url, FOLDER: folder };
    const killed = startProgram("migrator", environment);
    await until(
      async () =>
        holder.query("select 1 from pg_locks where locktype = 'advisory' and not granted and objid = $1", [crash]),
      ({ rowCount }) => rowCount === 1,
    );
    killed.kill("SIGKILL");
    expect(await killed.exit).toEqual({ code: null, signal: "SIGKILL" });
    const next = startProgram("migrator", environment);
    // The dead run's connection still holds the lock of the run; PostgreSQL has not noticed yet.
    await next.line(({ msg }) => msg?.startsWith("another run migrates") === true);
    await holder.end();
    expect(await next.exit).toEqual({ code: 0, signal: null });
    expect(next.lines.at(-1)).toMatchObject({ msg: "migrated", version: 3, applied: [1, 2, 3].slice(crash - 1) });
    expect(await schema()).toEqual(await schema(whole));
  });

  test("two runs at once are one after the other", async () => {
    await put(files);
    const results = await Promise.all([run(), run(), run()]);
    expect(results.flatMap(({ applied }) => applied)).toEqual([1, 2, 3]);
  });

  test("a database that is not there yet is waited for, and named when it does not come", async () => {
    await put(files);
    const program = startProgram("migrator", {
      DATABASE_URL: "postgres://app:x@127.0.0.1:1/none",
      FOLDER: folder,
      WAIT_MS: "300",
    });
    expect(await program.exit).toEqual({ code: 1, signal: null });
    expect(program.lines.at(-1)).toMatchObject({
      code: "E_DEPENDENCY",
      msg: expect.stringMatching(/^migrator waited 0.3 s for postgres: connect ECONNREFUSED/),
    });
  });

  test("an error names file and line, and leaves the versions before it", async () => {
    await put({
      "0001-a.sql": "create table a (id int)",
      "0002-b.sql": "create table b (id int);\n\ncreate tabel c (id int);",
    });
    await expect(run()).rejects.toThrow('0002-b.sql: syntax error at or near "tabel" (line 3)');
    expect(await schema()).toMatchObject([
      [{ table_name: "a" }, ...Array.from({ length: 4 }, () => ({ table_name: "caisson_schema" }))],
      {},
      [{ version: 1 }],
    ]);
    await put({ "0002-b.sql": "create table b (id int)" });
    expect(await run()).toEqual({ version: 2, applied: [2] });
  });
});

test("the schema's check sees the version, and does not take a busy pool for a missing schema", async () => {
  await put({ "0001-a.sql": "create table a (id int)", "0002-b.sql": "" });
  const postgres = createPostgres(url, { size: 1 }, { applicationName: "test", onLost: () => {} });
  const signal = new AbortController().signal;
  const probe = schemaProbe(postgres, 2);
  await expect(probe(signal)).rejects.toThrow("the schema is at version 0, expected 2");
  await run();
  expect(await probe(signal)).toBe("version 2");
  const client = await postgres.connect();
  expect(await probe(signal)).toBe("version 2");
  client.release();
  await postgres.end();
});

describe("what does not go together is refused", () => {
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      "a changed file",
      { "0001-a.sql": "create table other (id int)" },
      /^0001-a.sql was changed after it was applied: expected sha256 /,
    ],
    [
      "an older new file",
      { "0001-a.sql": "create table a (id int)", "0003-c.sql": "", "0002-b.sql": "" },
      /^0002-b.sql is new but older than version 3/,
    ],
    ["a file that is gone", { "0003-c.sql": "" }, /^version 1 \(a\) was applied, but its file is gone/],
    [
      "a newer database",
      { "0001-a.sql": "create table a (id int)" },
      /^the database is at version 3 \(c\), newer than this program's 1/,
    ],
    ["two files of one version", { "1_a.sql": "", "01-b.sql": "" }, /have the same version 1/],
    ["a name without a number", { "a.sql": "" }, /^a.sql: expected a name like 0001-create-events.sql/],
    ["version 0", { "0000-a.sql": "" }, /^0000-a.sql: expected a name/],
    ["a commit", { "0001-a.sql": "create table x (id int); /* ; */ COMMIT;" }, /^0001-a.sql: expected no COMMIT/],
    ["a begin", { "0001-a.sql": "-- first\nbegin;\n" }, /^0001-a.sql: expected no BEGIN/],
    [
      "no transaction",
      { "0001-a.sql": "-- no-transaction\ncreate index concurrently i on x (y);" },
      /outside a transaction are not built yet/,
    ],
  ])("%s", async (name, next, message) => {
    const applied = /changed|older|gone|newer/.test(name);
    if (applied) {
      await put({ "0001-a.sql": "create table a (id int)", "0003-c.sql": "" });
      if (name.startsWith("a changed")) await rm(join(folder, "0003-c.sql"));
      await run();
      await rm(folder, { recursive: true });
      folder = await mkdtemp(join(tmpdir(), "caisson-kit-migrations-"));
    }
    await put(next);
    await expect(run()).rejects.toThrow(message);
  });

  test("a transaction that was ended in a way no reader of the file can see", async () => {
    await put({ "0001-a.sql": "do $$ begin execute 'select 1'; commit; end $$" });
    await expect(run()).rejects.toThrow(/^0001-a.sql: /);
    await put({ "0001-a.sql": "create table a (id int)" });
    expect(await run()).toEqual({ version: 1, applied: [1] });
  });
});
