import type { Postgres } from "@caisson/kit";

/** Age of the oldest acknowledged event of any shard that is not processed yet, in seconds; 0 when there is none. */
export async function readInboxLag(pool: Pick<Postgres, "query">): Promise<number> {
  const { rows } = await pool.query<{ lag: number | null }>(
    `select extract(epoch from now() - min(i.received_at))::float8 as lag
     from inbox_writer w
     cross join shard s
     left join shard_cursor c on c.shard = s.id and c.writer = w.id
     cross join lateral (
       select received_at from inbox
       where inbox.shard = s.id and inbox.writer = w.id and seq > coalesce(c.pos, 0)
       order by seq limit 1
     ) i`,
  );
  return Math.max(0, rows[0]?.lag ?? 0);
}
