import { CaissonError } from "@caisson/core";
import type { Postgres } from "@caisson/kit";

/**
 * Makes the shards from 0 on that are missing. What waits in a shard stays there while its tenants' new events go to
 * another: dedupe and totals hold across shards. A shard is never taken away: something may wait in it.
 */
export async function ensureShards(pool: Pick<Postgres, "query">, shards: number): Promise<void> {
  const { rows } = await pool.query<{ n: number }>("select count(*)::int as n from shard");
  const there = rows[0]?.n ?? 0;
  if (there > shards) {
    throw new CaissonError("E_VALUE", `expected shards to be ${there} or more, as many as there are, got ${shards}`, {
      hint: `set shards=${there}; it can grow up to 4, not shrink`,
    });
  }
  await pool.query("insert into shard (id) select generate_series(0, $1 - 1) on conflict do nothing", [shards]);
}
