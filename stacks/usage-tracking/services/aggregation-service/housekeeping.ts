import type { Postgres } from "@caisson/kit";

/** Makes the partitions of this month and the next two, and of this year and the next. */
export async function preparePartitions(pool: Postgres): Promise<void> {
  await pool.query(`select
    ensure_partition('events', 'month', now() + n * interval '1 month'),
    ensure_partition('dead_letter_events', 'month', now() + n * interval '1 month'),
    ensure_rollup_partitions(now() + n * interval '6 months')
    from generate_series(0, 2) n`);
}

/** The slots of the inbox, by number. */
const slots = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/**
 * Truncates the slots in which every row is processed, and returns them. The slot of the moment and its neighbours are
 * left alone; a slot that somebody uses is left for the next time.
 */
export async function emptySlots(pool: Postgres): Promise<number[]> {
  const { rows } = await pool.query<{ slot: number }>("select inbox_slot(now()) as slot");
  const current = rows[0]?.slot ?? 0;
  const emptied: number[] = [];
  for (const slot of slots) {
    const distance = (slot - current + slots.length) % slots.length;
    if (distance <= 1 || distance === slots.length - 1) continue;
    if (await emptySlot(pool, slot)) emptied.push(slot);
  }
  return emptied;
}

/** Bytes of the inbox on disk. */
export async function inboxBytes(pool: Postgres): Promise<number> {
  const { rows } = await pool.query<{ bytes: string }>(
    "select coalesce(sum(pg_total_relation_size(inhrelid)), 0) as bytes from pg_inherits where inhparent = 'inbox'::regclass",
  );
  return Number(rows[0]?.bytes ?? 0);
}

async function emptySlot(pool: Postgres, slot: number): Promise<boolean> {
  const table = `inbox_${slot}`;
  const size = await pool.query<{ bytes: string }>(`select pg_relation_size('${table}') as bytes`);
  if (size.rows[0]?.bytes === "0") return false;
  // Asked without a lock first: a backlog must not stop the processor every minute.
  if (await hasUnprocessed(pool, table)) return false;
  try {
    return await pool.transaction(async (client) => {
      await client.query("set local lock_timeout = '100ms'");
      await client.query(`lock table ${table} in access exclusive mode`);
      if (await hasUnprocessed(client, table)) return false;
      await client.query(`truncate ${table}`);
      return true;
    });
  } catch (error) {
    if ((error as { code?: unknown }).code === "55P03") return false; // lock_not_available
    throw error;
  }
}

async function hasUnprocessed(client: Pick<Postgres, "query">, table: string): Promise<boolean> {
  const { rows } = await client.query<{ left: boolean }>(
    `select exists (
       select from ${table} i left join shard_cursor c using (shard, writer) where i.seq > coalesce(c.pos, 0)
     ) as left`,
  );
  return rows[0]?.left !== false;
}
