import type { Instant } from "../events/instant.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { createLeaves, type Leaf } from "./leaves.ts";
import { addSum, exactSum, type ExactSum } from "./exact-sum.ts";
import { addLatencies, type Latencies } from "./latency.ts";
import { sumNames } from "./measures.ts";
import { rollupPeriods, startOf, type RollupPeriod } from "./periods.ts";

/** The dimensions that totals are kept by; `all` has the one key ''. */
export const dimensions = ["all", "service", "provider", "user"] as const;

export type Dimension = (typeof dimensions)[number];

/** The periods of one length, and their lengths in microseconds. */
export const periods = { hour: 3_600_000_000, day: 86_400_000_000 } as const;

export type Period = keyof typeof periods;

/** The start of the period that holds an instant. */
export function bucketOf(period: Period, at: Instant): Instant {
  return startOf(period, at);
}

/** What a batch adds to one row of `rollup`. `sums` are in the order of `sumNames`. */
export interface Delta {
  readonly tenant: number;
  readonly dimension: Dimension;
  readonly period: RollupPeriod;
  readonly bucket: Instant;
  readonly key: string;
  events: number;
  readonly sums: readonly ExactSum[];
  readonly latencies: Latencies;
  /** Who was active; nobody where the dimension is `user`. */
  readonly users: Set<string>;
}

/** What a batch adds to one row of `rollup_model`, or with a `user` ('' for none) to one of `rollup_user`. */
export interface VolumeDelta {
  readonly tenant: number;
  readonly period: "hour" | "day";
  readonly bucket: Instant;
  readonly user: string;
  readonly cell: Leaf["cell"];
  events: number;
  readonly sums: readonly ExactSum[];
}

/** What a batch adds to the rollups, each sorted by primary key: two transactions never wait for each other in a circle. */
export interface Deltas {
  readonly totals: readonly Delta[];
  readonly models: readonly VolumeDelta[];
  readonly users: readonly VolumeDelta[];
}

/**
 * What `events` of their tenants add to the rollups: the smallest groups from the events, everything larger from those.
 * Deltas commute, so neither the order of events nor that of batches matters.
 */
export function deltasOf(events: Iterable<{ readonly tenant: number; readonly event: StoredEvent }>): Deltas {
  const totals = createTotals();
  const models = createVolumes();
  const users = createVolumes();
  for (const leaf of createLeaves(events)) {
    totals.add(leaf);
    models.add(leaf, "hour", "");
    models.add(leaf, "day", "");
    users.add(leaf, "day", leaf.user ?? "");
  }
  return {
    totals: totals.all().toSorted(byKey),
    models: models.all().toSorted(byCell),
    users: users.all().toSorted(byCell),
  };
}

/** Hours from leaves, days from hours, weeks and months from days. */
function createTotals(): { add: (leaf: Leaf) => void; all: () => Delta[] } {
  const rows: Readonly<Record<RollupPeriod, Map<string, Delta>>> = {
    hour: new Map(),
    day: new Map(),
    week: new Map(),
    month: new Map(),
  };
  const row = (period: RollupPeriod, tenant: number, dimension: Dimension, at: Instant, key: string): Delta => {
    const bucket = startOf(period, at);
    const id = `${tenant} ${bucket} ${dimension} ${key}`;
    const found = rows[period].get(id);
    if (found) return found;
    const made: Delta = {
      tenant,
      dimension,
      period,
      bucket,
      key,
      events: 0,
      sums: sumNames.map(exactSum),
      latencies: new Map(),
      users: new Set(),
    };
    rows[period].set(id, made);
    return made;
  };
  return {
    add: (leaf) => {
      const { tenant, hour, user, cell } = leaf;
      const keys = [["all", ""] as const, ["service", cell.service] as const, ["provider", cell.provider] as const];
      for (const [dimension, key] of keys) {
        const to = row("hour", tenant, dimension, hour, key);
        join(to, leaf);
        if (user !== undefined) to.users.add(user);
      }
      if (user !== undefined) join(row("hour", tenant, "user", hour, user), leaf);
    },
    all: () => {
      const widen = (from: RollupPeriod, to: readonly RollupPeriod[]): void => {
        for (const part of rows[from].values()) {
          for (const period of to) {
            const whole = row(period, part.tenant, part.dimension, part.bucket, part.key);
            join(whole, part);
            for (const user of part.users) whole.users.add(user);
          }
        }
      };
      widen("hour", ["day"]);
      widen("day", ["week", "month"]);
      return rollupPeriods.flatMap((period) => [...rows[period].values()]);
    },
  };
}

function createVolumes(): {
  add: (leaf: Leaf, period: VolumeDelta["period"], user: string) => void;
  all: () => VolumeDelta[];
} {
  const rows = new Map<string, VolumeDelta>();
  return {
    add: (leaf, period, user) => {
      const { tenant, cell } = leaf;
      const bucket = startOf(period, leaf.hour);
      const id = `${tenant} ${period} ${bucket} ${cell.id} ${user}`;
      let found = rows.get(id);
      if (!found) {
        found = { tenant, period, bucket, user, cell, events: 0, sums: sumNames.map(exactSum) };
        rows.set(id, found);
      }
      addCounts(found, leaf);
    },
    all: () => [...rows.values()],
  };
}

type Counts = Pick<Delta, "events" | "sums">;

function join(to: Counts & Pick<Delta, "latencies">, from: Counts & Pick<Delta, "latencies">): void {
  addCounts(to, from);
  addLatencies(to.latencies, from.latencies);
}

function addCounts(to: Counts, from: Counts): void {
  to.events += from.events;
  for (const [index, sum] of to.sums.entries()) addSum(sum, from.sums[index] as ExactSum); // there is one for every name
}

function byKey(a: Delta, b: Delta): number {
  return (
    a.tenant - b.tenant ||
    compare(a.dimension, b.dimension) ||
    compare(a.period, b.period) ||
    a.bucket - b.bucket ||
    compare(a.key, b.key)
  );
}

function byCell(a: VolumeDelta, b: VolumeDelta): number {
  return (
    a.tenant - b.tenant ||
    compare(a.period, b.period) ||
    a.bucket - b.bucket ||
    compare(a.user, b.user) ||
    compare(a.cell.id, b.cell.id)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
