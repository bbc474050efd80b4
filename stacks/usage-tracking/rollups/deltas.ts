import type { Instant } from "../events/instant.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { addSum, addTo, exactSum, type ExactSum } from "./exact-sum.ts";
import { eachMeasure, sumNames } from "./measures.ts";

/** The dimensions that totals are kept by; `all` has the one key ''. */
export const dimensions = ["all", "service", "provider", "user"] as const;

export type Dimension = (typeof dimensions)[number];

/** The periods that totals are kept for, in UTC, and their lengths in microseconds. */
export const periods = { hour: 3_600_000_000, day: 86_400_000_000 } as const;

export type Period = keyof typeof periods;

/** What a batch adds to one row of `rollup`. `sums` are in the order of `sumNames`. */
export interface Delta {
  readonly tenant: number;
  readonly dimension: Dimension;
  readonly period: Period;
  readonly bucket: Instant;
  readonly key: string;
  events: number;
  readonly sums: readonly ExactSum[];
}

/** The start of the period that holds an instant. */
export function bucketOf(period: Period, at: Instant): Instant {
  return Math.floor(at / periods[period]) * periods[period];
}

/**
 * What `events` of their tenants add to the rollups: hours from the events, days from those hours. Deltas commute, so
 * neither the order of events nor that of batches matters; they are sorted by primary key so that two transactions never
 * wait for each other in a circle.
 */
export function deltasOf(events: Iterable<{ readonly tenant: number; readonly event: StoredEvent }>): Delta[] {
  const hours = createRows("hour");
  const days = createRows("day");
  for (const { tenant, event } of events) {
    const bucket = bucketOf("hour", event.at);
    for (const dimension of dimensions) {
      const key = dimension === "all" ? "" : event[dimension];
      if (key === undefined) continue;
      const { sums } = hours.count(1, tenant, dimension, bucket, key);
      eachMeasure(event, (sum, value) => addTo(sums[sum] as ExactSum, value)); // there is one for every name
    }
  }
  for (const hour of hours.all) {
    const day = days.count(hour.events, hour.tenant, hour.dimension, bucketOf("day", hour.bucket), hour.key);
    for (const [index, sum] of day.sums.entries()) addSum(sum, hour.sums[index] as ExactSum);
  }
  return [...hours.all, ...days.all].toSorted(byPrimaryKey);
}

interface Rows {
  readonly all: readonly Delta[];
  /** The row of a key, with `events` more in it. */
  count(events: number, tenant: number, dimension: Dimension, bucket: Instant, key: string): Delta;
}

function createRows(period: Period): Rows {
  const all: Delta[] = [];
  // By tenant and bucket first: numbers, and few of them; texts are looked up as they are.
  const groups = new Map<number, Map<Instant, Record<Dimension, Map<string, Delta>>>>();
  return {
    all,
    count: (events, tenant, dimension, bucket, key) => {
      const buckets = getOrMake(groups, tenant, () => new Map());
      const byDimension = getOrMake(buckets, bucket, () => ({
        all: new Map(),
        service: new Map(),
        provider: new Map(),
        user: new Map(),
      }));
      const delta = getOrMake(byDimension[dimension], key, () => {
        const made: Delta = { tenant, dimension, period, bucket, key, events: 0, sums: sumNames.map(exactSum) };
        all.push(made);
        return made;
      });
      delta.events += events;
      return delta;
    },
  };
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

function byPrimaryKey(a: Delta, b: Delta): number {
  return (
    a.tenant - b.tenant ||
    compare(a.dimension, b.dimension) ||
    compare(a.period, b.period) ||
    a.bucket - b.bucket ||
    compare(a.key, b.key)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
