import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoredEvent } from "../../events/stored-event.ts";
import { applyRows, inboxRow, normal, openClient } from "../../testing/apply.ts";
import { query, startDatabase, type TestDatabase } from "../../testing/database.ts";
import { driftEverywhere } from "../../testing/drift.ts";
import { runProgram } from "../../testing/programs.ts";
import { claimShard } from "../event-processor/claim-shard.ts";
import { createKnown } from "../event-processor/known.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

const now = Date.UTC(2026, 10, 20, 12) * 1000;

function event(user: string): StoredEvent {
  const sent = {
    event_id: randomUUID(),
    timestamp: "2026-11-20T11:00:00Z",
    service_type: "custom",
    service_provider: "p",
  };
  return { ...normal({ ...sent, metrics: { units: 2 } }, now), user };
}

test("dead letters are listed, tried again, counted once, and kept with the newest reason where they fail again", async () => {
  const databaseUrl = await server.create("letters");
  const config = { databaseUrl, pepper: "letters-pepper-".repeat(3) };
  expect((await runProgram("migrate", config)).code).toBe(0);
  await query(databaseUrl, "insert into tenant (name) values ('acme'), ('other'); insert into inbox_writer values (0)");
  await using client = await openClient(databaseUrl);
  const claim = await claimShard(client, 0);
  if (!claim) throw new Error("expected the shard to be free");
  // What the database refuses today, and takes once somebody has lifted the refusal.
  await query(databaseUrl, "alter table events add constraint no_eve check (user_id <> 'eve')");
  const [good, eve, bad] = [event("ada"), event("eve"), event("a\0b")];
  await applyRows(
    client,
    claim.owned,
    [
      inboxRow(1, 1, [good, eve, bad]),
      inboxRow(2, 2, [event("eve")]),
      { ...inboxRow(3, 0, []), body: Buffer.from("of nobody") },
    ],
    createKnown(),
    false,
  );

  const run = async (...args: string[]): Promise<Record<string, unknown>[]> => {
    const { stdout, stderr, code } = await runProgram("dead-letters", config, args);
    expect(code, stdout + stderr).toBe(0);
    return stdout
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const listed = await run("list", "--tenant", "acme");
  expect(listed.map(({ event_id, reason, attempts }) => [event_id, reason, attempts]).toSorted()).toEqual(
    [
      [bad.id, "rejected", 1],
      [eve.id, "rejected", 1],
    ].toSorted(),
  );
  expect(await run("redrive", "--tenant", "acme")).toEqual([{ redriven: 2, stored: 0, duplicates: 0, dead: 2 }]);
  await query(databaseUrl, "alter table events drop constraint no_eve");
  expect(await run("redrive", "--tenant", "acme")).toEqual([{ redriven: 2, stored: 1, duplicates: 0, dead: 1 }]);
  const left = await run("list");
  expect(left.map(({ tenant, event_id, attempts }) => [tenant, event_id, attempts])).toEqual(
    expect.arrayContaining([
      ["acme", bad.id, 3],
      ["other", expect.any(String), 1],
      [null, null, 1],
    ]),
  );
  expect(left).toHaveLength(3);
  const nobodys = left.find(({ tenant }) => tenant === null);
  expect(await run("redrive", "--id", String(nobodys?.["id"]))).toEqual([
    { redriven: 1, stored: 0, duplicates: 0, dead: 1 },
  ]);
  const other = left.find(({ tenant }) => tenant === "other");
  expect(await run("redrive", "--id", String(other?.["id"]))).toEqual([
    { redriven: 1, stored: 1, duplicates: 0, dead: 0 },
  ]);
  expect(await query(databaseUrl, "select tenant, user_id from events order by 1, 2")).toEqual([
    { tenant: 1, user_id: "ada" },
    { tenant: 1, user_id: "eve" },
    { tenant: 2, user_id: "eve" },
  ]);
  expect(await driftEverywhere(client)).toEqual([]);
  expect((await runProgram("dead-letters", config, ["redrive"])).code).not.toBe(0);
});
