import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query, startDatabase, until, type TestDatabase } from "../testing/database.ts";
import { migratedDatabase } from "../testing/migrated-database.ts";
import { createGroupCommit, type GroupCommit } from "./group-commit.ts";
import { startInboxWriter } from "./inbox-writer.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A gateway's two writers; ends them when disposed. */
function gateway(databaseUrl: string): AsyncDisposable & { commit: GroupCommit; ready(): Promise<void> } {
  const stop = new AbortController();
  let commit: GroupCommit | undefined;
  const writers = [0, 1].map(() =>
    startInboxWriter({
      databaseUrl,
      signal: stop.signal,
      onReady: () => commit?.wake(),
      onLost: () => commit?.wake(),
    }),
  );
  commit = createGroupCommit(writers, { pendingBytes: 1e6, groupItems: 16, groupBytes: 1e5 });
  return {
    commit,
    ready: () =>
      until(async () => {
        if (!writers.every((writer) => writer.ready)) throw new Error("expected two ready writers");
      }),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all(writers.map((writer) => writer.ended));
    },
  };
}

const item = (text: string): { tenant: number; events: number; body: Buffer } => ({
  tenant: 7,
  events: 1,
  body: Buffer.from(text),
});

test("bodies are stored as they were sent, numbered per writer without a gap", async () => {
  const url = await migratedDatabase(server, "stored");
  await using one = gateway(url);
  await one.ready();
  const texts = Array.from({ length: 200 }, (_, index) => `[${"é".repeat(index * 20)}${index}]`);
  await Promise.all(texts.map((text) => one.commit.submit(item(text))));
  const rows = await query(
    url,
    "select writer, seq, shard, convert_from(body, 'UTF8') as body from inbox order by 1, 2",
  );
  expect(rows.map((row) => row["body"]).toSorted()).toEqual(texts.toSorted());
  for (const writer of [0, 1]) {
    const numbers = rows.filter((row) => row["writer"] === writer).map((row) => Number(row["seq"]));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  }
  expect(new Set(rows.map((row) => row["shard"]))).toEqual(new Set([0]));
});

test("two gateways never share a writer; numbers go on after a restart, emptied inbox or not", async () => {
  const url = await migratedDatabase(server, "claims");
  {
    await using one = gateway(url);
    await using two = gateway(url);
    await Promise.all([one.ready(), two.ready()]);
    await Promise.all([1, 2, 3, 4].flatMap((n) => [one.commit.submit(item(`${n}`)), two.commit.submit(item(`${n}`))]));
    expect(await query(url, "select count(*)::int as writers from inbox_writer where id >= 0")).toEqual([
      { writers: 4 },
    ]);
  }
  const [last] = await query(url, "select max(seq) as seq from inbox where writer = 0");
  await query(url, "insert into shard_cursor select 0, writer, max(seq) from inbox group by writer; truncate inbox");
  await using again = gateway(url);
  await again.ready();
  await Promise.all([1, 2, 3].map((n) => again.commit.submit(item(`${n}`))));
  const [next] = await query(url, "select min(seq) as seq from inbox where writer = 0");
  expect(Number(next?.["seq"])).toBeGreaterThan(Number(last?.["seq"]));
});

test("what was acknowledged is there after the database was killed, again and again", async () => {
  const url = await migratedDatabase(server, "killed");
  await using one = gateway(url);
  const acknowledged: string[] = [];
  let refused = 0;
  const stop = new AbortController();
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let n = 0; !stop.signal.aborted; n++) {
      const text = `${client}-${n}`;
      await one.commit.submit(item(text)).then(
        () => acknowledged.push(text),
        async () => {
          refused++;
          await pause(5);
        },
      );
    }
  });
  for (let round = 0; round < 4; round++) {
    const before = acknowledged.length;
    await until(async () => {
      if (acknowledged.length < before + 50) throw new Error("expected more acknowledgements");
    });
    await server.crash();
    await server.start();
  }
  stop.abort();
  await Promise.all(clients);
  const rows = await query(url, "select convert_from(body, 'UTF8') as body, writer, seq from inbox");
  const stored = new Set(rows.map((row) => row["body"]));
  expect(acknowledged.filter((text) => !stored.has(text))).toEqual([]);
  expect(refused).toBeGreaterThan(0);
  expect(new Set(rows.map((row) => `${row["writer"]} ${row["seq"]}`)).size).toBe(rows.length);
});
