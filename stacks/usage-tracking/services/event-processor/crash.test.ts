import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeBody, encodeEvent } from "../../events/stored-event.ts";
import { writeGroup } from "../../inbox/write-group.ts";
import { normal, openClient } from "../../testing/apply.ts";
import { query, startDatabase, until, type TestDatabase } from "../../testing/database.ts";
import { driftEverywhere } from "../../testing/drift.ts";
import { migratedDatabase } from "../../testing/migrated-database.ts";

let server: TestDatabase;
beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server[Symbol.asyncDispose]());

const now = Date.UTC(2026, 10, 20, 12) * 1000;

/** A database whose inbox holds 40 events: two of them one, one that no database takes, some of last year. */
async function filledInbox(name: string): Promise<string> {
  const url = await migratedDatabase(server, name);
  await using client = await openClient(url);
  await client.query("insert into inbox_writer values (0)");
  const event = (n: number) =>
    normal(
      {
        event_id: randomUUID(),
        timestamp: `202${n % 5 === 0 ? 5 : 6}-01-0${1 + (n % 9)}T10:00:00Z`,
        service_type: "llm_service",
        service_provider: "openai",
        model: `m${n % 3}`,
        input_tokens: n,
        output_tokens: 1,
        latency_ms: n,
        user_id: `user-${n % 4}`,
      },
      now,
    );
  const events = Array.from({ length: 40 }, (_, n) => event(n));
  const [first] = events;
  const bad = { ...event(39), user: "a\0b" };
  const sent = [...events.slice(0, 19), ...(first ? [first] : []), ...events.slice(19, 38), bad];
  const bodies = [sent.slice(0, 20), sent.slice(20)].map((some) => encodeBody(some.map(encodeEvent)));
  await writeGroup(
    client,
    0,
    0n,
    bodies.map((body, index) => ({ tenant: 1 + index, events: 20, body })),
  );
  return url;
}

/** Applies the inbox up to a statement; resolves to how that process ended, by signal or exit code. */
function applyUntil(
  url: string,
  statement: number,
  what: "kill" | "wait",
): { reached: Promise<unknown>; ended: Promise<unknown> } {
  const main = fileURLToPath(new URL("../../testing/apply-until.ts", import.meta.url));
  const child = spawn(process.execPath, [main, String(statement), what], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(`${url}\n`);
  const ended = once(child, "exit").then(([code, signal]) => (signal ?? code) as unknown);
  return { reached: Promise.race([once(child.stdout, "data"), ended]), ended };
}

const counted =
  "select (select count(*) from events)::int as events, (select count(*) from dedupe_key)::int as keys, (select count(*) from shard_cursor)::int as cursors, (select count(*) from rollup)::int as totals, (select count(*) from dead_letter_events)::int as dead";
const untouched = { events: 0, keys: 0, cursors: 0, totals: 0, dead: 0 };

async function expectAllOnce(url: string): Promise<void> {
  const [found] = await query(url, counted);
  // Of either tenant 19: one of the first comes twice, one of the second is refused.
  expect(found).toMatchObject({ events: 38, keys: 38, cursors: 1, dead: 1 });
  expect(
    await query(url, "select sum(events)::int as n from rollup where dimension = 'all' and period = 'month'"),
  ).toEqual([{ n: 38 }]);
  await using client = await openClient(url);
  expect(await driftEverywhere(client)).toEqual([]);
}

test("kill -9 of the processor at every statement of its transaction: nothing of it, until all of it", async () => {
  const url = await filledInbox("killed");
  let statement = 0;
  for (; ; statement++) {
    const how = await applyUntil(url, statement, "kill").ended;
    if (how !== "SIGKILL") {
      // It ran to its end, or found that the commit it was killed at had come through.
      expect([0, 3]).toContain(how);
      break;
    }
    // Its backend may be at work for a moment more; the lock on the shard goes when it is gone.
    await until(async () => {
      const [held] = await query(
        url,
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      if (held?.["n"] !== 0) throw new Error("expected the backend of the killed processor to end");
    });
    const [found] = await query(url, counted);
    if (found?.["events"] !== 0) continue;
    expect(found, `after statement ${statement}`).toEqual(untouched);
  }
  expect(statement).toBeGreaterThan(20);
  await expectAllOnce(url);
}, 240_000);

test.each([12, 18])(
  "kill -9 of the database and all its backends at statement %i",
  async (statement) => {
    const url = await filledInbox(`crashed_${statement}`);
    const { reached, ended } = applyUntil(url, statement, "wait");
    await reached;
    await server.crash();
    expect(await ended).not.toBe(0);
    await server.start();
    expect((await query(url, counted))[0]).toEqual(untouched);
    expect(await applyUntil(url, -1, "kill").ended).toBe(0);
    await expectAllOnce(url);
  },
  120_000,
);
