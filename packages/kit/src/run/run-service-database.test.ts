import { createConnection } from "node:net";
import { once } from "node:events";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createTestPostgres, type TestPostgres } from "../testing/postgres.ts";
import { endPrograms, startProgram } from "../testing/program.ts";
import { until } from "../testing/until.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await createTestPostgres();
});
afterEach(async () => {
  await endPrograms();
  await postgres.stop();
});
afterAll(() => postgres.remove());

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(url: string, method = "GET"): Promise<Answer> {
  const response = await fetch(url, { method });
  const body = (await response.json()) as Answer["body"];
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body };
}

test("the public port opens when the program is ready for the first time; then it stays open and tells when it is not ready", async () => {
  await postgres.start();
  const { port } = new URL(await startProgram("api", { DATABASE_URL: postgres.url }).publicUrl());
  await endPrograms();
  await postgres.stop();

  const program = startProgram("api", { DATABASE_URL: postgres.url, PORT: port });
  const management = await program.managementUrl();
  await until(
    () => ask(`${management}/health`),
    ({ body }) => JSON.stringify(body).includes("ECONNREFUSED"),
  );
  const early = createConnection(Number(port), "127.0.0.1");
  const [refused] = (await once(early, "error")) as [NodeJS.ErrnoException];
  expect(refused.code).toBe("ECONNREFUSED");

  await postgres.start();
  const url = await program.publicUrl();
  expect(await ask(`${url}/sum`)).toMatchObject({ status: 200, body: { sum: 2 } });
  // A cache that is away does not make a program unready.
  expect(await ask(`${management}/health`)).toMatchObject({ status: 200, body: { status: "degraded" } });

  await postgres.stop();
  const lost = await ask(`${url}/sum`);
  expect(lost).toMatchObject({ status: 503, retryAfter: "1" });
  expect(["dependency_unavailable", "not_ready"]).toContain(lost.body["code"]);
  expect(JSON.stringify(lost.body)).not.toMatch(/127\.0\.0\.1|5432/);
  const closed = await until(
    () => ask(`${url}/sum`),
    ({ body }) => body["code"] === "not_ready",
  );
  expect(closed).toMatchObject({ status: 503, retryAfter: "1", body: { detail: "not ready: postgres" } });

  await postgres.start();
  await until(
    () => ask(`${url}/sum`),
    ({ status }) => status === 200,
  );
});

test("a pool that is busy is not absence: the program stays ready, and who waits too long is told to come again", async () => {
  await postgres.start();
  const program = startProgram("api", { DATABASE_URL: postgres.url, POOL_SIZE: "1" });
  const [url, management] = [await program.publicUrl(), await program.managementUrl()];
  const holder = new pg.Client({ connectionString: postgres.url });
  await holder.connect();
  await holder.query("select pg_advisory_lock(5)");
  const busy = ask(`${url}/locked`);
  const health = await until(
    () => ask(`${management}/health`),
    ({ body }) => JSON.stringify(body).includes("all 1 connections are in use"),
  );
  expect(health).toMatchObject({ status: 200, body: { status: "degraded" } });
  expect(await ask(`${url}/sum`)).toMatchObject({
    status: 503,
    retryAfter: "1",
    body: { code: "dependency_unavailable" },
  });
  await holder.end();
  expect(await busy).toMatchObject({ status: 200 });
  expect(await ask(`${url}/sum`)).toMatchObject({ status: 200 });
});

test("a transaction that fails leaves nothing behind, and the connection is used again", async () => {
  await postgres.start();
  const url = await startProgram("api", { DATABASE_URL: postgres.url, POOL_SIZE: "1" }).publicUrl();
  const before = await ask(`${url}/tables`);
  expect(await ask(`${url}/roll-back`, "POST")).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(await ask(`${url}/tables`)).toMatchObject({ body: { found: null, pid: before.body["pid"] } });
});

test.each(["snapshot", "at-once"])(
  "reads of a snapshot see one state, cannot write, and leave their connection in good order (%s)",
  async (way) => {
    await postgres.start();
    const writer = new pg.Client({ connectionString: postgres.url });
    await writer.connect();
    await writer.query("drop table if exists written; create table written (n int)");
    const url = await startProgram("api", { DATABASE_URL: postgres.url, POOL_SIZE: "1" }).publicUrl();
    await writer.query("select pg_advisory_lock(6)");
    const reading = ask(`${url}/${way}`);
    await until(
      () => writer.query("select from pg_locks where locktype = 'advisory' and objid = 6 and not granted"),
      ({ rowCount }) => rowCount === 1,
    );
    await writer.query("insert into written values (1)");
    await writer.query("select pg_advisory_unlock(6)");
    const { body } = await reading;
    expect(body).toMatchObject({ first: 0, second: 0 });
    const writing = way === "snapshot" ? "written-in-snapshot" : "written-at-once";
    expect(await ask(`${url}/${writing}`, "POST")).toMatchObject({ status: 500 });
    expect(await ask(`${url}/${way}`)).toMatchObject({ body: { first: 1, second: 1, pid: body["pid"] } });
    await writer.end();
  },
);

test("what is asked at once is asked before the first answer, and a name that a failure left unparsed can be used", async () => {
  await postgres.start();
  const url = await startProgram("api", { DATABASE_URL: postgres.url, POOL_SIZE: "1" }).publicUrl();
  expect(await ask(`${url}/written-at-once`, "POST")).toMatchObject({ status: 500 });
  expect(await ask(`${url}/not-reached`)).toMatchObject({ status: 200 });
  expect(await ask(`${url}/asked-late`)).toMatchObject({ status: 500 });
  expect(await ask(`${url}/not-reached`)).toMatchObject({ status: 200 });
});
