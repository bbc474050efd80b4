import type { Postgres } from "@caisson/kit";

/** How far the answers for a tenant lag, and which version of its data they show. */
export interface Freshness {
  /** Age of the oldest acknowledged event that is not in the answers yet, in seconds; 0 when there is none. */
  readonly lagSeconds: number;
  /** Grows with every change of the tenant's data: answers of one version are equal. */
  readonly version: string;
}

/** Reads the freshness of a tenant. Asked before the data, so that the lag is never told too small. */
export async function readFreshness(pool: Pick<Postgres, "query">, tenant: number): Promise<Freshness> {
  const { rows } = await pool.query<{ lag: number | null; version: string | null }>(
    `select
       (select extract(epoch from now() - min(i.received_at))::float8
        from inbox_writer w
        cross join (select ($1 % count(*))::smallint as id from shard) s
        left join shard_cursor c on c.shard = s.id and c.writer = w.id
        cross join lateral (
          select received_at from inbox
          where inbox.shard = s.id and inbox.writer = w.id and seq > coalesce(c.pos, 0)
          order by seq limit 1
        ) i) as lag,
       (select version from tenant_version where tenant = $1) as version`,
    [tenant],
  );
  return { lagSeconds: Math.max(0, rows[0]?.lag ?? 0), version: rows[0]?.version ?? "0" };
}
