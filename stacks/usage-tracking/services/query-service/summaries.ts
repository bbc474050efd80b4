import type { Postgres } from "@caisson/kit";
import { instantSql } from "../../events/instant-sql.ts";
import { exact, exactDecimal, type ExactNumber } from "./exact-number.ts";
import { currency } from "./costs.ts";

interface Row {
  readonly month: string;
  readonly total_cost: string;
  readonly cost_by_service: Readonly<Record<string, string>>;
  readonly cost_by_user: readonly { readonly user_id: string; readonly cost: string }[];
  readonly total_events: string;
  readonly active_users: string;
  readonly is_finalized: boolean;
  readonly finalized_at: string | null;
  readonly computed_at: string;
}

/** The monthly summaries of a tenant that billing keeps, newest first. */
export async function readSummaries(pool: Pick<Postgres, "query">, tenant: number, limit: number): Promise<object> {
  const { rows } = await pool.query<Row>(
    `select to_char(month, 'YYYY-MM') as month, total_cost::text, cost_by_service, cost_by_user, total_events::text,
       active_users::text, is_finalized, ${instantSql("finalized_at")} as finalized_at,
       ${instantSql("computed_at")} as computed_at
     from billing_summary s where tenant = $1 order by s.month desc limit $2`,
    [tenant, limit],
  );
  return { currency, summaries: rows.map(shown) };
}

function shown(row: Row): object {
  const costs = (named: Readonly<Record<string, string>>): Record<string, ExactNumber> =>
    Object.fromEntries(Object.entries(named).map(([key, cost]) => [key, exactDecimal(cost)]));
  return {
    ...row,
    total_cost: exactDecimal(row.total_cost),
    cost_by_service: costs(row.cost_by_service),
    cost_by_user: row.cost_by_user.map(({ user_id, cost }) => ({ user_id, cost: exactDecimal(cost) })),
    total_events: exact(row.total_events),
    active_users: exact(row.active_users),
  };
}
