import type { Postgres } from "@caisson/kit";
import { readRules } from "../../billing/stored-rule.ts";
import { lockBilling, refreshSummary } from "../../billing/summary.ts";

/** Summaries brought up to date in one step, at most. */
const perStep = 20;

/**
 * Brings the summaries of months up to date whose tenant's data changed, and finalises those that ended, and came
 * up, at least `finalizeAfterDays` ago. Returns how many there were and whether there may be more.
 */
export async function refreshSummaries(
  pool: Postgres,
  finalizeAfterDays: number,
): Promise<{ readonly refreshed: number; readonly finalized: number; readonly more: boolean }> {
  const { rows } = await pool.query<{ tenant: number; month: string; due: boolean }>(
    `select m.tenant, (extract(epoch from m.bucket) * 1000000)::bigint as month, due from (
       select r.tenant, r.bucket, v.version, s.version as shown, coalesce(s.is_finalized, false) as finalized,
         greatest((r.bucket at time zone 'UTC' + interval '1 month') at time zone 'UTC', coalesce(s.opened_at, now()))
           + $1 * interval '24 hours' <= now() as due
       from rollup r join tenant_version v on v.tenant = r.tenant
       left join billing_summary s on s.tenant = r.tenant and s.month = (r.bucket at time zone 'UTC')::date
       where r.dimension = 'all' and r.period = 'month' and r.key = ''
     ) m
     where not finalized and (due or shown is distinct from version)
     order by m.bucket, m.tenant limit ${perStep}`,
    [finalizeAfterDays],
  );
  let finalized = 0;
  for (const { tenant, month, due } of rows) {
    await pool.transaction(async (client) => {
      await lockBilling(client);
      await refreshSummary(client, tenant, Number(month), await readRules(client), due);
    });
    if (due) finalized++;
  }
  return { refreshed: rows.length, finalized, more: rows.length === perStep };
}
