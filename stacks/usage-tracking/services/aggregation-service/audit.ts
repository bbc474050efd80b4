import type { Postgres } from "@caisson/kit";
import { dayDrift, hourDrift } from "../../rollups/audit-sql.ts";
import { bucketsOfMonths, type AuditBucket } from "./audit-buckets.ts";

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
 * first, then rests. What raw events exist for is what can be audited: the months whose partitions are there.
 */
export function createAudit({ pool, restMs, now, onAudited, onSwept }: AuditOptions): { step: () => Promise<boolean> } {
  let left: AuditBucket[] | undefined;
  let nextSweep = 0;
  return {
    step: async () => {
      if (left === undefined) {
        if (now() < nextSweep) return false;
        left = bucketsOfMonths(await monthsWithEvents(pool), Date.now()).toReversed();
      }
      const until = now() + stepMs;
      for (let bucket = left.pop(); bucket; bucket = left.pop()) {
        const { rows } = await pool.query<Drift & Record<string, unknown>>(
          bucket.period === "hour" ? hourDrift : dayDrift,
          [bucket.bucket],
        );
        onAudited(bucket, rows);
        if (now() > until) return false;
      }
      left = undefined;
      nextSweep = now() + restMs;
      onSwept();
      return false;
    },
  };
}

/** The months that have a partition of `events`, as `202311`. */
async function monthsWithEvents(pool: Postgres): Promise<string[]> {
  const { rows } = await pool.query<{ month: string }>(
    `select right(inhrelid::regclass::text, 6) as month from pg_inherits where inhparent = 'events'::regclass`,
  );
  return rows.map((row) => row.month);
}
