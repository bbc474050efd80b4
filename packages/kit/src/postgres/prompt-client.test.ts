import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestPostgres, type TestPostgres } from "../testing/postgres.ts";
import { promptClient, type Batching } from "./prompt-client.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await createTestPostgres();
  await postgres.start();
});
afterAll(() => postgres.remove());

const Client = promptClient(pg);
const connect = async (config: pg.ClientConfig = {}): Promise<pg.Client & Batching> => {
  const client = new Client({ connectionString: postgres.url, ...config });
  client.on("error", () => undefined); // told by the query in flight
  await client.connect();
  return client as pg.Client & Batching;
};

test("rows that nobody holds are gone with the next small collection", async () => {
  const client = await connect();
  const rows = { text: "select repeat('x', 1000) as text from generate_series(1, 100)" };
  try {
    for (let n = 0; n < 50; n++) await client.query(rows);
    const before = usedAfterSmallCollections();
    for (let n = 0; n < 100; n++) await client.query(rows);
    expect(usedAfterSmallCollections() - before).toBeLessThan(3_000_000); // of 10 MB
    for (let n = 0; n < 100; n++) await client.batch([rows]);
    expect(usedAfterSmallCollections() - before).toBeLessThan(3_000_000);
  } finally {
    await client.end();
  }
});

test("answers, errors and values are node-postgres' own", async () => {
  const client = await connect();
  try {
    expect((await client.query("select $1::int + 1 as n", [41])).rows).toEqual([{ n: 42 }]);
    const named = { name: "named", text: "select $1::text as t", values: ["a"] };
    expect((await client.query(named)).rows[0]).toEqual({ t: "a" });
    const failed = client.query("select nothing");
    await expect(failed).rejects.toMatchObject({ code: "42703" });
    await expect(failed.catch((error: Error) => error.stack)).resolves.toContain("prompt-client");
  } finally {
    await client.end();
  }
});

test("a batch answers each of its statements, and runs none after one that fails", async () => {
  const client = await connect();
  const named = (n: number): pg.QueryConfig => ({ name: `n${n}`, text: `select $1::int + ${n} as n`, values: [n] });
  const rowsOf = async (...batch: pg.QueryConfig[]): Promise<unknown[]> =>
    (await client.batch(batch)).map(({ rows }) => rows);
  try {
    expect(await rowsOf(named(1))).toEqual([[{ n: 2 }]]);
    const nothing = { text: "select where false" };
    expect(await rowsOf({ text: "begin" }, named(1), nothing, named(2), { text: "commit" })).toEqual([
      [],
      [{ n: 2 }],
      [],
      [{ n: 4 }],
      [],
    ]);
    const [first, second] = [rowsOf(named(2), { text: "select 1 / 0" }, named(3)), rowsOf(named(3), named(1))];
    await expect(first).rejects.toMatchObject({ code: "22012" });
    expect(await second).toEqual([[{ n: 6 }], [{ n: 2 }]]);
  } finally {
    await client.end();
  }
});

test("who waits longer than the connection's or the query's own time is told, and the connection is given up", async () => {
  const patient = await connect({ query_timeout: 60_000 });
  const ofQuery = { text: "select pg_sleep(60)", query_timeout: 20 };
  await expect(patient.query(ofQuery)).rejects.toThrow("Query read timeout");
  await expect(patient.query("select 1")).rejects.toThrow(/terminated|not queryable/);
  const impatient = await connect({ query_timeout: 1000 });
  await expect(impatient.batch([{ text: "select pg_sleep(60)" }])).rejects.toThrow("Query read timeout");
});

/** Only a full collection finds out what old objects hold on to. */
function usedAfterSmallCollections(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;
  for (let n = 0; n < 3; n++) collect({ type: "minor" });
  return process.memoryUsage().heapUsed;
}
