import type { ClientBase } from "pg";
import { jsonCodec } from "../events/stored-event.ts";
import type { InboxItem } from "./group-commit.ts";

// One statement is one transaction: its answer comes after the commit. All bodies travel as one binary parameter and
// are cut apart by the server. A tenant's shard follows from the number of shards at this moment.
const insert = {
  name: "inbox-insert",
  text: `insert into inbox (slot, shard, writer, seq, tenant, events, received_at, codec, body)
    select inbox_slot(now()), u.tenant % (select count(*) from shard), $1, $2::bigint + u.nth, u.tenant, u.events, now(),
      $3, substring($4::bytea from u.at for u.length)
    from unnest($5::integer[], $6::integer[], $7::integer[], $8::integer[])
      with ordinality as u (tenant, events, at, length, nth)`,
};

/** Stores items under the numbers after `lastSeq`, in their order, in one transaction. */
export async function writeGroup(
  client: Pick<ClientBase, "query">,
  writer: number,
  lastSeq: bigint,
  items: readonly InboxItem[],
): Promise<void> {
  let next = 1;
  const starts = items.map(({ body }) => {
    const start = next;
    next += body.length;
    return start;
  });
  await client.query({
    ...insert,
    values: [
      writer,
      lastSeq.toString(),
      jsonCodec,
      Buffer.concat(items.map((item) => item.body)),
      items.map((item) => item.tenant),
      items.map((item) => item.events),
      starts,
      items.map((item) => item.body.length),
    ],
  });
}
