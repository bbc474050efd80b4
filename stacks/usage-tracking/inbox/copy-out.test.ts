import { afterAll, beforeAll, expect, test } from "vitest";
import { openClient } from "../testing/apply.ts";
import { query, startDatabase, type TestDatabase } from "../testing/database.ts";
import { copyOut, type Memory } from "./copy-out.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

test("reads into the memory that it is given, which grows once", async () => {
  await using client = await openClient(server.url);
  const memory: Memory = { bytes: Buffer.allocUnsafeSlow(4) };
  const numbers = Array.from({ length: 20_000 }, (_, n) => `${n + 1}\n`).join("");
  const all = await copyOut(client, "copy (select generate_series(1, 20000)) to stdout", memory);
  expect(all.toString()).toBe(numbers);
  const { bytes } = memory;
  const few = await copyOut(client, "copy (select 7) to stdout", memory);
  expect([few.toString(), few.buffer === bytes.buffer, memory.bytes === bytes]).toEqual(["7\n", true, true]);
  expect((await copyOut(client, "copy (select 1 where false) to stdout", memory)).length).toBe(0);
});

test("fails with the server's error and goes on, or with the connection's end", async () => {
  await using client = await openClient(server.url);
  const memory: Memory = { bytes: Buffer.allocUnsafeSlow(4) };
  await expect(copyOut(client, "copy (select 1 / 0) to stdout", memory)).rejects.toMatchObject({ code: "22012" });
  expect((await copyOut(client, "copy (select 1) to stdout", memory)).toString()).toBe("1\n");
  const ended = copyOut(client, "copy (select pg_sleep(60)) to stdout", memory).catch((error: unknown) => error);
  await query(
    server.url,
    "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
  );
  expect(await ended).toMatchObject({ code: "57P01" });
});
