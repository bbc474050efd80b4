import type { Postgres } from "@caisson/kit";
import { dayDrift, hourDrift } from "../../rollups/audit-sql.ts";
import { bucketsOfDay, daysOfMonths, type AuditBucket } from "./audit-buckets.ts";

/** Totals of one key that differ. `null`: that side has no row. */
export interface Drift {
  readonly tenant: number;
  readonly dimension: string;
  readonly key: string;
  readonly expected_events: string | null;
  readonly kept_events: string | null;
}

/** What the audit works with and whom it tells. */
export interface AuditOptions {
  readonly pool: Postgres;
  /** Rest between two sweeps, in milliseconds. */
  readonly restMs: number;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  readonly onAudited: (bucket: AuditBucket, drift: readonly Drift[]) => void;
  readonly onSwept: () => void;
}

/** How long one step may take, in milliseconds; the rest of the sweep waits for the next. */
const stepMs = 200;

/**
 * Compares, step by step, every hour's totals with the raw events of that hour and every day's with its hours, newest
 * day first, then rests. What raw events exist for is what can be audited: the months whose partitions are there.
 */
export function createAudit({ pool, restMs, now, onAudited, onSwept }: AuditOptions): { step: () => Promise<boolean> } {
  let days: string[] | undefined;
  let buckets: AuditBucket[] = [];
  let nextSweep = 0;
  const auditNext = async (bucket: AuditBucket): Promise<void> => {
    const statement = bucket.period === "hour" ? hourDrift : dayDrift;
    const { rows } = await pool.query<Drift & Record<string, unknown>>(statement, [bucket.bucket]);
    onAudited(bucket, rows);
  };
  return {
    step: async () => {
      if (days === undefined) {
        if (now() < nextSweep) return false;
        days = daysOfMonths(await monthsWithEvents(pool), Date.now());
      }
      for (const until = now() + stepMs; now() < until;) {
        // Taken before it is looked at: one that fails every time must not hold the others up.
        const bucket = buckets.shift();
        if (bucket) await auditNext(bucket);
        else if (days.length > 0) buckets = await bucketsWithUsage(pool, days.shift() ?? "");
        else {
          days = undefined;
          nextSweep = now() + restMs;
          onSwept();
          break;
        }
      }
      return false;
    },
  };
}

/** The buckets of a day that has an event or a total; most days of a partition made ahead have neither. */
async function bucketsWithUsage(pool: Postgres, day: string): Promise<AuditBucket[]> {
  const { rows } = await pool.query<{ used: boolean }>(
    `select exists (select from events where at >= $1 and at < $1::timestamptz + interval '24 hours')
         or exists (select from rollup where bucket >= $1 and bucket < $1::timestamptz + interval '24 hours') as used`,
    [day],
  );
  return rows[0]?.used === true ? bucketsOfDay(day) : [];
}

/** The months that have a partition of `events`, as `202311`. */
async function monthsWithEvents(pool: Postgres): Promise<string[]> {
  const { rows } = await pool.query<{ month: string }>(
    `select right(inhrelid::regclass::text, 6) as month from pg_inherits where inhparent = 'events'::regclass`,
  );
  return rows.map((row) => row.month);
}
