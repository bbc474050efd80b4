import type { ClientBase } from "pg";
import { tryLock } from "./advisory-lock.ts";

/** A writer that belongs to this session, and the last number that was ever used for it. */
export interface WriterClaim {
  readonly writer: number;
  readonly lastSeq: bigint;
}

/** More sessions than that do not write at once. */
const mostWriters = 256;

/**
 * Claims the lowest free writer id for this session. The lock of a dead gateway is free only when its last transaction
 * has ended, so the numbers read after claiming are final; a number is never used twice, because a row may leave the
 * inbox only after a cursor has passed it.
 */
export async function claimWriter(client: Pick<ClientBase, "query">): Promise<WriterClaim> {
  for (let writer = 0; writer < mostWriters; writer++) {
    if (!(await tryLock(client, "writer", writer))) continue;
    await client.query("insert into inbox_writer (id) values ($1) on conflict do nothing", [writer]);
    const { rows } = await client.query<{ last: string }>(
      `select greatest(
         coalesce((select max(last) from shard s cross join lateral (
           select max(seq) as last from inbox i where i.shard = s.id and i.writer = $1) m), 0),
         coalesce((select max(pos) from shard_cursor where writer = $1), 0)) as last`,
      [writer],
    );
    return { writer, lastSeq: BigInt(rows[0]?.last ?? 0) };
  }
  throw new Error(`expected a free inbox writer, but all ${mostWriters} are taken`);
}
