import type { Postgres } from "@caisson/kit";

/** How long what is kept, in days. A partition goes once the youngest row it could have is that old. */
export interface Retention {
  readonly eventDays: number;
  readonly rollupDays: number;
  readonly deadLetterDays: number;
}

/**
 * Drops the partitions that retention is done with; returns their names. One that somebody uses is left for the next
 * time. Where something was dropped is recorded with the drop: the audit looks no further back.
 */
export async function dropExpired(pool: Postgres, retention: Retention): Promise<string[]> {
  const dropped: string[] = [];
  for (const [parent, days] of Object.entries(parentsOf(retention))) {
    const { rows } = await pool.query<{ name: string; ends: string }>(
      `select name, ends::text from (
         select c.relname as name,
           (regexp_match(pg_get_expr(c.relpartbound, c.oid), $q$TO \\('([^']+)'\\)$q$))[1]::timestamptz as ends
         from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass
       ) p where ends <= now() - $2 * interval '24 hours' order by ends`,
      [parent, days],
    );
    for (const { name, ends } of rows) if (await dropPartition(pool, parent, name, ends)) dropped.push(name);
  }
  return dropped;
}

function parentsOf({ eventDays, rollupDays, deadLetterDays }: Retention): Readonly<Record<string, number>> {
  const rollups = ["rollup", "rollup_model", "rollup_user", "rollup_active"].map((name) => [name, rollupDays] as const);
  return { events: eventDays, ...Object.fromEntries(rollups), dead_letter_events: deadLetterDays };
}

async function dropPartition(pool: Postgres, parent: string, name: string, ends: string): Promise<boolean> {
  try {
    await pool.transaction(async (client) => {
      await client.query("set local lock_timeout = '1s'");
      await client.query(
        `insert into retention_floor (parent, kept_from) values ($1, $2)
         on conflict (parent) do update set kept_from = greatest(retention_floor.kept_from, excluded.kept_from)`,
        [parent, ends],
      );
      await client.query(`drop table ${name}`);
    });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "55P03") return false; // lock_not_available
    throw error;
  }
}
