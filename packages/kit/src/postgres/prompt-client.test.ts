import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestPostgres, type TestPostgres } from "../testing/postgres.ts";
import { promptClient } from "./prompt-client.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await createTestPostgres();
  await postgres.start();
});
afterAll(() => postgres.remove());

const Client = promptClient(pg.Client);
const connect = async (config: pg.ClientConfig & { readonly pipeline?: boolean } = {}): Promise<pg.Client> => {
  const client = new Client({ connectionString: postgres.url, ...config });
  client.on("error", () => undefined); // told by the query in flight
  await client.connect();
  return client;
};

test("rows that nobody holds are gone with the next small collection", async () => {
  const client = await connect();
  const rows = { text: "select repeat('x', 1000) as text from generate_series(1, 100)" };
  try {
    for (let n = 0; n < 50; n++) await client.query(rows);
    const before = usedAfterSmallCollections();
    for (let n = 0; n < 100; n++) await client.query(rows);
    expect(usedAfterSmallCollections() - before).toBeLessThan(3_000_000); // of 10 MB
  } finally {
    await client.end();
  }
});

test("answers, errors and values are node-postgres' own, pipelined too", async () => {
  for (const pipeline of [false, true]) {
    const client = await connect({ pipeline });
    try {
      expect((await client.query("select $1::int + 1 as n", [41])).rows).toEqual([{ n: 42 }]);
      expect((await client.query({ name: "named", text: "select $1::text as t", values: ["a"] })).rows[0]).toEqual({
        t: "a",
      });
      const failed = client.query("select nothing");
      await expect(failed).rejects.toMatchObject({ code: "42703" });
      await expect(failed.catch((error: Error) => error.stack)).resolves.toContain("prompt-client");
    } finally {
      await client.end();
    }
  }
});

test("who waits longer than the connection's or the query's own time is told, and the connection is given up", async () => {
  const patient = await connect({ query_timeout: 60_000 });
  const ofQuery = { text: "select pg_sleep(60)", query_timeout: 20 };
  await expect(patient.query(ofQuery)).rejects.toThrow("Query read timeout");
  await expect(patient.query("select 1")).rejects.toThrow(/terminated|not queryable/);
  const impatient = await connect({ query_timeout: 1000 });
  await expect(impatient.query("select pg_sleep(60)")).rejects.toThrow("Query read timeout");
});

/** Only a full collection finds out what old objects hold on to. */
function usedAfterSmallCollections(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;
  for (let n = 0; n < 3; n++) collect({ type: "minor" });
  return process.memoryUsage().heapUsed;
}
