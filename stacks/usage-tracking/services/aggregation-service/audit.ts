import type { Postgres } from "@caisson/kit";
import { formatInstant, type Instant } from "../../events/instant.ts";
import { driftSql, type Drift } from "../../rollups/audit-sql.ts";
import { boundsOf, bucketsOfDay, daysOfMonth, monthsToAudit, wholeBuckets, type AuditBucket } from "./audit-buckets.ts";

/** What the audit works with and whom it tells. */
export interface AuditOptions {
  readonly pool: Queries;
  /** Rest between two sweeps, in milliseconds. */
  readonly restMs: number;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  readonly onAudited: (bucket: AuditBucket, drift: readonly Drift[]) => void;
  readonly onSwept: () => void;
}

/** A connection or a pool of them. */
type Queries = Pick<Postgres, "query">;

/** How long one step may take, in milliseconds; the rest of the sweep waits for the next. */
const stepMs = 200;

/**
 * Derives, step by step, every hour's totals anew from its raw events, every day's from its hours and every week's and
 * month's from their days, newest first, compares, then rests. What raw events are kept of is what can be audited.
 */
export function createAudit(options: AuditOptions): { step: () => Promise<boolean> } {
  const { pool, restMs, now, onAudited, onSwept } = options;
  let sweep: AsyncGenerator<AuditBucket> | undefined;
  let nextSweep = 0;
  return {
    step: async () => {
      if (now() < nextSweep) return false;
      sweep ??= bucketsToAudit(pool);
      for (const until = now() + stepMs; now() < until;) {
        const next = await sweep.next().catch((error: unknown) => {
          sweep = undefined; // a generator that threw is at its end, and this sweep is not
          throw error;
        });
        if (next.done) {
          sweep = undefined;
          nextSweep = now() + restMs;
          onSwept();
          break;
        }
        onAudited(next.value, await driftOf(pool, next.value));
      }
      return false;
    },
  };
}

/** Every total of a bucket that differs, on either side. */
export async function driftOf(pool: Queries, bucket: AuditBucket): Promise<Drift[]> {
  const found: Drift[] = [];
  for (const statement of driftSql[bucket.period]) {
    const { rows } = await pool.query<Drift & Record<string, unknown>>(statement, boundsOf(bucket));
    found.push(...rows);
  }
  // Raw events or totals that were dropped meanwhile are no drift.
  return found.length > 0 && bucket.from < (await keptFrom(pool)) ? [] : found;
}

async function* bucketsToAudit(pool: Queries): AsyncGenerator<AuditBucket> {
  const started = Date.now() * 1000;
  const floor = await keptFrom(pool);
  for (const month of monthsToAudit(await monthsWithEvents(pool), started)) {
    if (month < floor) continue;
    yield* wholeBuckets(month).filter((bucket) => bucket.from >= floor);
    for (const day of daysOfMonth(month, started)) if (await isUsed(pool, day)) yield* bucketsOfDay(day);
  }
}

/** True for a day that has an event or a total; most days of a partition made ahead have neither. */
async function isUsed(pool: Queries, day: Instant): Promise<boolean> {
  const { rows } = await pool.query<{ used: boolean }>(
    `select exists (select from events where at >= $1 and at < $1::timestamptz + interval '24 hours')
         or exists (select from rollup where bucket >= $1 and bucket < $1::timestamptz + interval '24 hours') as used`,
    [formatInstant(day)],
  );
  return rows[0]?.used === true;
}

/** From when on nothing was dropped yet. */
async function keptFrom(pool: Queries): Promise<Instant> {
  const { rows } = await pool.query<{ micros: string | null }>(
    "select (extract(epoch from max(kept_from)) * 1000000)::bigint as micros from retention_floor where parent <> 'dead_letter_events'",
  );
  return Number(rows[0]?.micros ?? Number.NEGATIVE_INFINITY);
}

/** The months that have a partition of `events`, as `202311`. */
async function monthsWithEvents(pool: Queries): Promise<string[]> {
  const { rows } = await pool.query<{ month: string }>(
    `select right(inhrelid::regclass::text, 6) as month from pg_inherits where inhparent = 'events'::regclass`,
  );
  return rows.map((row) => row.month);
}
