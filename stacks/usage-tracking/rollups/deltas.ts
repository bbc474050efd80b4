import type { Instant } from "../events/instant.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { createLeaves, type Leaf } from "./leaves.ts";
import { addSums, exactSums, type ExactSums } from "./exact-sums.ts";
import { innerMap } from "../maps/inner-map.ts";
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
  readonly sums: ExactSums;
  readonly latencies: Latencies;
  /** Events by user; nobody's where the dimension is `user`. */
  readonly users: Map<string, number>;
}

/** What a batch adds to one row of `rollup_model`, or with a `user` ('' for none) to one of `rollup_user`. */
export interface VolumeDelta {
  readonly tenant: number;
  readonly period: "hour" | "day";
  readonly bucket: Instant;
  readonly user: string;
  readonly cell: Leaf["cell"];
  events: number;
  readonly sums: ExactSums;
}

/** What a batch adds to the rollups, each sorted by primary key: two transactions never wait for each other in a circle. */
export interface Deltas {
  readonly totals: readonly Delta[];
  readonly models: readonly VolumeDelta[];
  readonly users: readonly VolumeDelta[];
}

/** The deltas of events as they come. */
export interface DeltasSoFar {
  readonly add: (tenant: number, event: StoredEvent) => void;
  readonly all: () => Deltas;
}

/**
 * What events of their tenants add to the rollups: the smallest groups from the events, everything larger from those.
 * Deltas commute, so neither the order of events nor that of batches matters.
 */
export function createDeltas(): DeltasSoFar {
  const leaves = createLeaves();
  return {
    add: leaves.add,
    all: () => {
      const totals = createTotals();
      const models = createVolumes();
      const users = createVolumes();
      for (const twig of leaves.all()) {
        // Added up first: what all, services, providers and models get of it, they get at once.
        const whole = { ...twig, ...nothing() };
        for (const leaf of twig.leaves) {
          join(whole, leaf);
          users.add(leaf, "day", leaf.user ?? "");
          if (leaf.user === undefined) continue;
          addUser(whole.users, leaf.user, leaf.events);
          totals.addUser(leaf, leaf.user);
        }
        totals.addWhole(whole);
        models.add(whole, "hour", "");
        models.add(whole, "day", "");
      }
      return {
        totals: totals.all().toSorted(byKey),
        models: models.all().toSorted(byCell),
        users: users.all().toSorted(byCell),
      };
    },
  };
}

/** The deltas of some events at once. */
export function deltasOf(events: Iterable<{ readonly tenant: number; readonly event: StoredEvent }>): Deltas {
  const deltas = createDeltas();
  for (const { tenant, event } of events) deltas.add(tenant, event);
  return deltas.all();
}

/** Hours from leaves, days from hours, weeks and months from days. */
function createTotals(): {
  addUser: (leaf: Leaf, user: string) => void;
  addWhole: (whole: Whole) => void;
  all: () => Delta[];
} {
  type Keys = Map<Dimension, Map<string, Delta>>;
  const rows = new Map<RollupPeriod, Map<number, Map<Instant, Keys>>>();
  const all: Record<RollupPeriod, Delta[]> = { hour: [], day: [], week: [], month: [] };
  const row = (period: RollupPeriod, tenant: number, dimension: Dimension, at: Instant, key: string): Delta => {
    const bucket = startOf(period, at);
    const keys = innerMap(innerMap(innerMap(innerMap(rows, period), tenant), bucket), dimension);
    const found = keys.get(key);
    if (found) return found;
    const made: Delta = { tenant, dimension, period, bucket, key, ...nothing() };
    keys.set(key, made);
    all[period].push(made);
    return made;
  };
  return {
    addUser: (leaf, user) => {
      join(row("hour", leaf.tenant, "user", leaf.hour, user), leaf);
    },
    addWhole: (whole) => {
      const { tenant, hour, cell } = whole;
      const keys = [["all", ""] as const, ["service", cell.service] as const, ["provider", cell.provider] as const];
      for (const [dimension, key] of keys) {
        const to = row("hour", tenant, dimension, hour, key);
        join(to, whole);
        for (const [user, count] of whole.users) addUser(to.users, user, count);
      }
    },
    all: () => {
      const widen = (from: RollupPeriod, to: readonly RollupPeriod[]): void => {
        for (const part of all[from]) {
          for (const period of to) {
            const whole = row(period, part.tenant, part.dimension, part.bucket, part.key);
            join(whole, part);
            for (const [user, count] of part.users) addUser(whole.users, user, count);
          }
        }
      };
      widen("hour", ["day"]);
      widen("day", ["week", "month"]);
      return rollupPeriods.flatMap((period) => all[period]);
    },
  };
}

function createVolumes(): {
  add: (part: Part, period: VolumeDelta["period"], user: string) => void;
  all: () => VolumeDelta[];
} {
  type Cells = Map<Leaf["cell"], Map<string, VolumeDelta>>;
  const rows = new Map<VolumeDelta["period"], Map<number, Map<Instant, Cells>>>();
  const all: VolumeDelta[] = [];
  return {
    add: (part, period, user) => {
      const { tenant, cell } = part;
      const bucket = startOf(period, part.hour);
      const byUser = innerMap(innerMap(innerMap(innerMap(rows, period), tenant), bucket), cell);
      let found = byUser.get(user);
      if (!found) {
        found = { tenant, period, bucket, user, cell, events: 0, sums: exactSums(sumNames.length) };
        byUser.set(user, found);
        all.push(found);
      }
      addCounts(found, part);
    },
    all: () => all,
  };
}

type Counts = Pick<Delta, "events" | "sums">;
type Part = Counts & Pick<Leaf, "tenant" | "hour" | "cell">;
/** What a tenant, hour and cell come to. */
type Whole = Part & Pick<Delta, "latencies" | "users">;

function nothing(): Pick<Delta, "events" | "sums" | "latencies" | "users"> {
  return { events: 0, sums: exactSums(sumNames.length), latencies: new Map(), users: new Map() };
}

function addUser(users: Map<string, number>, user: string, count: number): void {
  users.set(user, (users.get(user) ?? 0) + count);
}

function join(to: Counts & Pick<Delta, "latencies">, from: Counts & Pick<Delta, "latencies">): void {
  addCounts(to, from);
  addLatencies(to.latencies, from.latencies);
}

function addCounts(to: Counts, from: Counts): void {
  to.events += from.events;
  addSums(to.sums, from.sums);
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
