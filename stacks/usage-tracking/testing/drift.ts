import type { ClientBase } from "pg";
import type { Drift } from "../rollups/audit-sql.ts";
import { endOf, rollupPeriods, startOf } from "../rollups/periods.ts";
import { driftOf } from "../services/aggregation-service/audit.ts";

/** Every total of a database that differs from its raw events, over all buckets that have either. */
export async function driftEverywhere(client: ClientBase): Promise<Drift[]> {
  const { rows } = await client.query<{ at: string }>(
    `select distinct (extract(epoch from date_trunc('hour', t.at)) * 1000000)::bigint as at
     from (select at from events union all select bucket from rollup union all select bucket from rollup_model
       union all select bucket from rollup_user union all select bucket from rollup_active) t`,
  );
  const found: Drift[] = [];
  for (const period of rollupPeriods) {
    for (const from of new Set(rows.map(({ at }) => startOf(period, Number(at))))) {
      found.push(...(await driftOf(client, { period, from, to: endOf(period, from) })));
    }
  }
  return found;
}
