import type { ClientBase } from "pg";
import { tryLock } from "../../inbox/advisory-lock.ts";
import type { Positions } from "../../inbox/queue.ts";
import type { OwnedShard } from "./apply-batch.ts";

/**
 * Claims a shard for this session; `undefined` while another session has it. The lock keeps well-behaved processors
 * apart; the epoch, checked in every transaction, stops one that lost its lock without noticing.
 */
export async function claimShard(
  client: Pick<ClientBase, "query">,
  shard: number,
): Promise<{ readonly owned: OwnedShard; readonly positions: Positions } | undefined> {
  if (!(await tryLock(client, "shard", shard))) return undefined;
  const claimed = await client.query<{ epoch: string }>(
    "update shard set epoch = epoch + 1 where id = $1 returning epoch",
    [shard],
  );
  const [row] = claimed.rows;
  if (!row) throw new Error(`expected shard ${shard} in table shard, but there is none`);
  return { owned: { shard, epoch: BigInt(row.epoch) }, positions: await readPositions(client, shard) };
}

/** The committed cursor of a shard. */
async function readPositions(client: Pick<ClientBase, "query">, shard: number): Promise<Positions> {
  const { rows } = await client.query<{ writer: number; pos: string }>(
    "select writer, pos from shard_cursor where shard = $1",
    [shard],
  );
  return new Map(rows.map(({ writer, pos }) => [writer, BigInt(pos)]));
}
