import type { ClientBase } from "pg";
import type { InboxRow, Positions, ReadLimits } from "./queue.ts";

const rowsAtMost = 1000;
// Sums run over the rows of one writer in its order. Only bodies that are taken leave the server's storage.
const read = {
  name: "read-inbox",
  text: `select w.id as writer, i.seq, i.tenant, i.received_at::text, i.codec, i.body
    from inbox_writer w
    left join unnest($2::integer[], $3::bigint[]) as p (writer, pos) on p.writer = w.id
    cross join lateral (
      select *,
        sum(events) over (order by seq) - events as events_before,
        sum(octet_length(body)) over (order by seq) - octet_length(body) as bytes_before
      from (
        select seq, tenant, events, received_at, codec, body from inbox
        where shard = $1 and inbox.writer = w.id and seq > coalesce(p.pos, 0)
        order by seq limit ${rowsAtMost}
      ) next
    ) i
    where i.events_before < $4 and i.bytes_before < $5
    order by i.received_at, writer, i.seq`,
};

/** The next rows of a shard after `positions`. Within a writer no row is ever skipped. */
export async function readInbox(
  client: Pick<ClientBase, "query">,
  shard: number,
  positions: Positions,
  limits: ReadLimits,
): Promise<InboxRow[]> {
  const { rows } = await client.query<Raw>({
    ...read,
    values: [shard, [...positions.keys()], [...positions.values()], limits.events, limits.bytes],
  });
  return rows.map(({ received_at: receivedAt, seq, ...rest }) => ({ ...rest, seq: BigInt(seq), receivedAt }));
}

interface Raw {
  readonly writer: number;
  readonly seq: string;
  readonly tenant: number;
  readonly received_at: string;
  readonly codec: number;
  readonly body: Buffer;
}
