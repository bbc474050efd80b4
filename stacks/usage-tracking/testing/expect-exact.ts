import { expect } from "vitest";
import { openClient } from "./apply.ts";
import { query, until } from "./database.ts";
import { driftEverywhere } from "./drift.ts";

/**
 * Waits until the database's inbox is processed, then finds all that was sent stored once and counted once, and nothing
 * else; `dead`: the reasons of the dead letters.
 */
export async function expectExact(
  databaseUrl: string,
  sent: ReadonlySet<string>,
  dead: readonly string[] = [],
): Promise<void> {
  await until(async () => {
    const [left] = await query(
      databaseUrl,
      "select count(*)::int as n from inbox left join shard_cursor using (shard, writer) where seq > coalesce(pos, 0)",
    );
    if (left?.["n"] !== 0) throw new Error(`expected an empty inbox, got ${left?.["n"]}`);
  }, 300_000);
  const stored = (await query(databaseUrl, "select id from events")).map((row) => String(row["id"]));
  expect(stored).toHaveLength(sent.size);
  const found = new Set(stored);
  expect([...sent].filter((id) => !found.has(id))).toEqual([]);
  const letters = await query(databaseUrl, "select reason from dead_letter_events order by reason");
  expect(letters.map((row) => row["reason"])).toEqual(dead);
  expect(
    await query(databaseUrl, "select sum(events)::int as n from rollup where dimension = 'all' and period = 'day'"),
  ).toEqual([{ n: sent.size }]);
  await using client = await openClient(databaseUrl);
  expect(await driftEverywhere(client)).toEqual([]);
}
