import type { ClientBase } from "pg";
import { formatInstant, type Instant } from "../events/instant.ts";
import { endOf } from "../rollups/periods.ts";
import { formatAmount, type Amount } from "./decimal.ts";
import { readCosts, readUserCosts } from "./read-costs.ts";
import type { Rule } from "./rule.ts";
import { dateOf } from "./stored-rule.ts";

type Client = Pick<ClientBase, "query">;

/** Users named in a summary, the dearest first. */
const topUsers = 50;

/**
 * Brings the summary of a tenant's month up to date, inside the caller's transaction that holds the billing lock; with
 * `finalize` for the last time. A finalised summary is left as it is. Returns the total.
 */
export async function refreshSummary(
  client: Client,
  tenant: number,
  month: Instant,
  rules: readonly Rule[],
  finalize: boolean,
): Promise<Amount> {
  const range = { from: month, to: endOf("month", month) };
  // Read first: a summary may show more than its version says, never less.
  const { rows } = await client.query<{ version: string; events: string; users: string }>(
    `select coalesce((select version from tenant_version where tenant = $1), 0) as version, r.events,
       (select coalesce(sum(cardinality(compact_counts(a.users))), 0) from rollup_active a
        where a.tenant = $1 and a.dimension = 'all' and a.period = 'month' and a.bucket = $2 and a.key = '') as users
     from (select 1) one left join rollup r
       on r.tenant = $1 and r.dimension = 'all' and r.period = 'month' and r.bucket = $2 and r.key = ''`,
    [tenant, formatInstant(month)],
  );
  const costs = await readCosts(client, tenant, range, "day", rules);
  const byUser = sums(await readUserCosts(client, tenant, range, costs, rules), ({ user }) => user);
  byUser.delete("");
  const total = costs.reduce((sum, { cost }) => sum + cost, 0n);
  const users = [...byUser].sort((a, b) => (a[1] === b[1] ? (a[0] < b[0] ? -1 : 1) : a[1] > b[1] ? -1 : 1));
  await client.query(
    `insert into billing_summary as s (tenant, month, total_cost, cost_by_service, cost_by_user, total_events,
       active_users, version, is_finalized, finalized_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $9 then now() end)
     on conflict (tenant, month) do update set total_cost = excluded.total_cost,
       cost_by_service = excluded.cost_by_service, cost_by_user = excluded.cost_by_user,
       total_events = excluded.total_events, active_users = excluded.active_users, version = excluded.version,
       is_finalized = excluded.is_finalized, finalized_at = excluded.finalized_at, computed_at = now()
     where not s.is_finalized`,
    [
      tenant,
      dateOf(month),
      formatAmount(total),
      JSON.stringify(Object.fromEntries(written(sums(costs, ({ service }) => service)))),
      JSON.stringify(users.slice(0, topUsers).map(([user_id, cost]) => ({ user_id, cost: formatAmount(cost) }))),
      rows[0]?.events ?? 0,
      rows[0]?.users ?? 0,
      rows[0]?.version ?? 0,
      finalize,
    ],
  );
  return total;
}

/** Keeps rules and finalised summaries apart: taken by whoever changes either, until its transaction ends. */
export async function lockBilling(client: Client): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('usage-tracking billing'))");
}

function sums<T extends { readonly cost: Amount }>(
  costs: readonly T[],
  keyOf: (cost: T) => string,
): Map<string, Amount> {
  const found = new Map<string, Amount>();
  for (const cost of costs) found.set(keyOf(cost), (found.get(keyOf(cost)) ?? 0n) + cost.cost);
  return found;
}

function written(amounts: ReadonlyMap<string, Amount>): [string, string][] {
  return [...amounts].map(([key, amount]) => [key, formatAmount(amount)]);
}
