import type { Postgres } from "@caisson/kit";
import type { StreamBacklog } from "./redis/stream-backlog.ts";
import { streamWriter } from "./redis/stream-position.ts";

/** All shards, as a relation with an `id`. */
const everyShard = "shard";

/** The shards in which something of tenant `$1` may wait: its shard of today and those of when there were fewer. */
export const shardsOfTenant =
  "(select distinct ($1::integer % n)::smallint as id from generate_series(1, (select count(*)::integer from shard)) n)";

/**
 * Columns that tell what waits in some shards: the `lag` of the inbox, and up to where their `streams` are processed. What is
 * not processed stays where it is until it is, so a look at a stream after this one sees all that this one did not.
 */
export function waitingColumns(shards: string): string {
  return `
    (select extract(epoch from now() - min(i.received_at))::float8
     from inbox_writer w
     cross join ${shards} s
     left join shard_cursor c on c.shard = s.id and c.writer = w.id
     cross join lateral (
       select received_at from inbox
       where inbox.shard = s.id and inbox.writer = w.id and seq > coalesce(c.pos, 0)
       order by seq limit 1
     ) i) as lag,
    ${streamsColumn(shards)}`;
}

/** Up to where the streams of some shards are processed. */
export function streamsColumn(shards: string): string {
  return `(select json_object_agg(s.id, coalesce(c.pos, 0)::text)
     from ${shards} s left join shard_cursor c on c.shard = s.id and c.writer = ${streamWriter}) as streams`;
}

/** What {@link waitingColumns} select. */
export interface Waiting {
  readonly lag: number | null;
  readonly streams: Readonly<Record<string, string>>;
}

/** Age of the oldest item that waits, in seconds, 0 when there is none; `undefined` while the streams cannot be asked. */
export async function lagOf(waiting: Waiting, backlog: StreamBacklog | undefined): Promise<number | undefined> {
  const streams = backlog ? await backlog.lagSeconds(positionsOf(waiting)) : 0;
  return streams === undefined ? undefined : Math.max(0, waiting.lag ?? 0, streams);
}

/** Up to where each shard's stream is processed. */
export function positionsOf({ streams }: Pick<Waiting, "streams">): ReadonlyMap<number, bigint> {
  return new Map(Object.entries(streams).map(([shard, pos]) => [Number(shard), BigInt(pos)]));
}

/** Age of the oldest acknowledged event of any shard that is not processed yet; as {@link lagOf}. */
export async function readInboxLag(
  pool: Pick<Postgres, "query">,
  backlog: StreamBacklog | undefined,
): Promise<number | undefined> {
  const { rows } = await pool.query<Waiting & Record<string, unknown>>(`select ${waitingColumns(everyShard)}`);
  const [waiting] = rows;
  return waiting && lagOf(waiting, backlog);
}
