import type { ClientBase } from "pg";
import { fieldsOf } from "./binary-rows.ts";
import { copyOut, type Memory } from "./copy-out.ts";
import type { InboxRow, Positions, ReadLimits } from "./queue.ts";

const rowsAtMost = 1000;

/**
 * The next rows of a shard after `positions`. Within a writer no row is ever skipped. They come by COPY, in binary: an answer
 * to a query has bodies as hexadecimal text, which costs both sides more than everything else about them. Bodies are parts of `memory`.
 */
export async function readInbox(
  client: Pick<ClientBase, "query">,
  shard: number,
  positions: Positions,
  limits: ReadLimits,
  memory: Memory,
): Promise<InboxRow[]> {
  const text = `copy (${readSql(shard, positions, limits)}) to stdout (format binary)`;
  return Array.from(fieldsOf(await copyOut(client, text, memory)), rowOf);
}

// COPY takes no parameters; all of these are numbers. Sums run over the rows of one writer in its order. Only bodies that are
// taken leave the server's storage.
function readSql(shard: number, positions: Positions, limits: ReadLimits): string {
  return `select w.id as writer, i.seq, i.tenant, i.received_at::text, i.codec, i.body
    from inbox_writer w
    left join unnest('{${[...positions.keys()].join(",")}}'::integer[], '{${[...positions.values()].join(",")}}'::bigint[])
      as p (writer, pos) on p.writer = w.id
    cross join lateral (
      select *,
        sum(events) over (order by seq) - events as events_before,
        sum(octet_length(body)) over (order by seq) - octet_length(body) as bytes_before
      from (
        select seq, tenant, events, received_at, codec, body from inbox
        where shard = ${shard} and inbox.writer = w.id and seq > coalesce(p.pos, 0)
        order by seq limit ${rowsAtMost}
      ) next
    ) i
    where i.events_before < ${limits.events} and i.bytes_before < ${limits.bytes}
    order by i.received_at, writer, i.seq`;
}

function rowOf([writer, seq, tenant, receivedAt, codec, body]: readonly Buffer[]): InboxRow {
  if (!writer || !seq || !tenant || !receivedAt || !codec || !body)
    throw new Error("expected six columns of the inbox");
  return {
    writer: writer.readInt32BE(),
    seq: seq.readBigInt64BE(),
    tenant: tenant.readInt32BE(),
    receivedAt: receivedAt.toString("latin1"),
    codec: codec.readInt16BE(),
    body,
  };
}
