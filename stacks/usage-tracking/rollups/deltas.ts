import type { Instant } from "../events/instant.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { measuresOf, sumNames, type SumName } from "./measures.ts";

/** The dimensions that totals are kept by; `all` has the one key ''. */
export const dimensions = ["all", "service", "provider", "user"] as const;

export type Dimension = (typeof dimensions)[number];

/** The periods that totals are kept for, in UTC, and their lengths in microseconds. */
export const periods = { hour: 3_600_000_000, day: 86_400_000_000 } as const;

export type Period = keyof typeof periods;

/** What a batch adds to one row of `rollup`. */
export interface Delta {
  readonly tenant: number;
  readonly dimension: Dimension;
  readonly period: Period;
  readonly bucket: Instant;
  readonly key: string;
  events: bigint;
  readonly sums: Record<SumName, bigint>;
}

/** The start of the period that holds an instant. */
export function bucketOf(period: Period, at: Instant): Instant {
  return Math.floor(at / periods[period]) * periods[period];
}

/**
 * What `events` of their tenants add to the rollups. Deltas commute, so neither the order of events nor that of batches
 * matters; they are sorted by primary key so that two transactions never wait for each other in a circle.
 */
export function deltasOf(events: Iterable<{ readonly tenant: number; readonly event: StoredEvent }>): Delta[] {
  const deltas = new Map<string, Delta>();
  for (const { tenant, event } of events) {
    const measures = measuresOf(event);
    for (const period of ["hour", "day"] as const) {
      const bucket = bucketOf(period, event.at);
      for (const dimension of dimensions) {
        const key = keyOf(dimension, event);
        if (key === undefined) continue;
        const id = `${tenant}\0${dimension}\0${period}\0${bucket}\0${key}`;
        let delta = deltas.get(id);
        if (!delta) {
          delta = { tenant, dimension, period, bucket, key, events: 0n, sums: noSums() };
          deltas.set(id, delta);
        }
        delta.events++;
        for (const name of sumNames) delta.sums[name] += measures[name];
      }
    }
  }
  return [...deltas.values()].toSorted(byPrimaryKey);
}

function keyOf(dimension: Dimension, event: StoredEvent): string | undefined {
  if (dimension === "all") return "";
  return event[dimension];
}

function noSums(): Record<SumName, bigint> {
  // Every name is set: fromEntries only loses that in its type.
  return Object.fromEntries(sumNames.map((name) => [name, 0n])) as Record<SumName, bigint>;
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
