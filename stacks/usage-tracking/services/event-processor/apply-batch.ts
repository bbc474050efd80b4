import type { ClientBase } from "pg";
import type { InboxRow } from "../../inbox/queue.ts";
import { ensurePartitions } from "./ensure-partitions.ts";
import { readBatch, type DeadLetter } from "./batch.ts";
import type { Known } from "./known.ts";
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
 */
export async function applyBatch(
  client: ClientBase,
  owned: OwnedShard,
  rows: readonly InboxRow[],
  known: Known,
  suspect: boolean,
): Promise<Applied> {
  const batch = readBatch(rows);
  await ensurePartitions(client, batch, known.partitions);
  await client.query("begin");
  try {
    await checkFence(client, owned);
    const { stored, duplicates, dead, active } = await storeEvents(client, batch.events, suspect, known);
    const letters = [...batch.dead, ...dead];
    await insertDeadLetters(client, owned.shard, letters);
    await raiseVersions(client, [...new Set(stored.map((each) => each.tenant))]);
    await advanceCursor(client, owned.shard, rows);
    await client.query("commit");
    known.users.remember(active);
    return { stored: stored.length, duplicates: batch.duplicates + duplicates, dead: letters.length };
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

async function insertDeadLetters(client: ClientBase, shard: number, letters: readonly DeadLetter[]): Promise<void> {
  for (const { row, index, eventId, reason, detail } of letters) {
    await client.query(
      `insert into dead_letter_events (at, tenant, shard, writer, seq, index, event_id, reason, detail, body)
       values (now(), $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        row.tenant,
        shard,
        row.writer,
        row.seq,
        index,
        asUuid(eventId),
        reason,
        detail.slice(0, 1000),
        bodyOf(row, index),
      ],
    );
  }
}

/** An id that is no UUID may be why the event is here. */
function asUuid(text: string | undefined): string | null {
  return text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : null;
}

/** The one event that failed, or the whole body where it cannot be taken apart. */
function bodyOf(row: InboxRow, index: number | undefined): Buffer {
  if (index === undefined) return row.body;
  const items: unknown = JSON.parse(row.body.toString("utf8"));
  return Array.isArray(items) ? Buffer.from(JSON.stringify(items[index])) : row.body;
}

async function raiseVersions(client: ClientBase, tenants: readonly number[]): Promise<void> {
  await client.query(
    `insert into tenant_version (tenant, version) select unnest($1::integer[]), 1
     on conflict (tenant) do update set version = tenant_version.version + 1`,
    [tenants.toSorted((a, b) => a - b)],
  );
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
