import type { ClientBase } from "pg";
import type { InboxRow } from "../../inbox/queue.ts";
import { ensurePartitions, monthsOf } from "./ensure-partitions.ts";
import { insertDeadLetters } from "./dead-letters.ts";
import type { Known } from "./known.ts";
import type { PreparedBatch } from "./prepare-batch.ts";
import { raiseVersions } from "./raise-versions.ts";
import { storeEvents } from "./store-events.ts";

/** A shard as its one owner holds it. */
export interface OwnedShard {
  readonly shard: number;
  readonly epoch: bigint;
}

/** What a batch came to. */
export interface Applied {
  readonly stored: number;
  readonly duplicates: number;
  readonly dead: number;
}

/** Another processor has claimed the shard since: whatever this one does must not be committed. */
class FencedError extends Error {
  constructor(shard: number) {
    super(`shard ${shard} was claimed by another processor`);
    this.name = "FencedError";
  }
}

/**
 * Applies rows of the inbox in one transaction: events, dedupe keys, rollup deltas, dead letters and the cursor, or
 * nothing. Killed anywhere, the same rows are read and applied again. `suspect`: some of the events are probably known.
 * `search`: for those that the database refuses, see {@link storeEvents}.
 */
export async function applyBatch(
  client: ClientBase,
  owned: OwnedShard,
  batch: PreparedBatch,
  known: Known,
  suspect: boolean,
  search = true,
): Promise<Applied> {
  await ensurePartitions(client, monthsOf(batch), known.partitions);
  await client.query("begin");
  try {
    await checkFence(client, owned);
    const { stored, tenants, duplicates, dead, users } = await storeEvents(client, batch, suspect, known, search);
    const letters = [...batch.dead, ...dead];
    await insertDeadLetters(client, owned.shard, letters, 1);
    await raiseVersions(client, tenants);
    await advanceCursor(client, owned.shard, batch.rows);
    await client.query("commit");
    known.users.remember(users);
    return { stored, duplicates: batch.duplicates + duplicates, dead: letters.length };
  } catch (error) {
    // A connection that cannot roll back is of no use: the caller closes it with this error.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function checkFence(client: ClientBase, { shard, epoch }: OwnedShard): Promise<void> {
  const { rows } = await client.query<{ epoch: string }>("select epoch from shard where id = $1 for update", [shard]);
  if (rows[0]?.epoch !== epoch.toString()) throw new FencedError(shard);
}

async function advanceCursor(client: ClientBase, shard: number, rows: readonly InboxRow[]): Promise<void> {
  const last = new Map<number, bigint>();
  for (const { writer, seq } of rows) if (seq > (last.get(writer) ?? 0n)) last.set(writer, seq);
  await client.query(
    `insert into shard_cursor (shard, writer, pos) select $1, * from unnest($2::integer[], $3::bigint[])
     on conflict (shard, writer) do update set pos = excluded.pos`,
    [shard, [...last.keys()], [...last.values()]],
  );
}
