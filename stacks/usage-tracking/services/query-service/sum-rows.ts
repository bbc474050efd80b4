import { sumNames } from "../../rollups/measures.ts";
import type { MeasuresRow } from "./measures.ts";

/** A row of totals, every number as PostgreSQL writes it. With the sign -1 it is taken away. */
export interface HitRow extends Omit<MeasuresRow, "p95" | "users"> {
  /** Which bucket it belongs to. */
  readonly i: number;
  readonly sign: 1 | -1;
  readonly users: string;
  /** A `bigint[]` literal; each element is count * 2048 + slot. */
  readonly latency: string;
}

/** What rows add up to. */
export interface Sum {
  readonly sums: bigint[];
  /** How many latencies fell into each slot. */
  readonly slots: Map<number, number>;
}

const names = ["events", ...sumNames] as const;

/** What no rows add up to. */
export function emptySum(): Sum {
  return { sums: names.map(() => 0n), slots: new Map() };
}

/** Adds a row. */
export function addRow({ sums, slots }: Sum, row: HitRow): void {
  names.forEach((name, index) => {
    const value = row[name];
    if (value !== "0") sums[index] = (sums[index] ?? 0n) + BigInt(value) * BigInt(row.sign);
  });
  if (row.latency === "{}") return;
  for (const text of row.latency.slice(1, -1).split(",")) {
    const element = Number(text);
    const slot = element % 2048;
    slots.set(slot, (slots.get(slot) ?? 0) + (row.sign * (element - slot)) / 2048);
  }
}

/** Adds another sum. */
export function addSum(to: Sum, from: Sum): void {
  from.sums.forEach((value, index) => {
    to.sums[index] = (to.sums[index] ?? 0n) + value;
  });
  for (const [slot, count] of from.slots) to.slots.set(slot, (to.slots.get(slot) ?? 0) + count);
}

/** The numbers of a sum. */
export function measuresRowOf({ sums, slots }: Sum, users: string | undefined): MeasuresRow {
  const numbers = Object.fromEntries(names.map((name, index) => [name, String(sums[index] ?? 0n)]));
  // Every name is set: fromEntries only loses that in its type.
  return {
    ...(numbers as Record<(typeof names)[number], string>),
    ...(users !== undefined && { users }),
    p95: p95Of(slots),
  };
}

/** The latency in microseconds that 95 of 100 are at or below (nearest rank), as `latency_quantile` has it in SQL. */
function p95Of(slots: Sum["slots"]): string | null {
  const total = [...slots.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.ceil((total * 95) / 100);
  let upto = 0;
  for (const slot of [...slots.keys()].sort((a, b) => a - b)) {
    upto += slots.get(slot) ?? 0;
    if (upto >= rank) return String(latencyOfSlot(slot));
  }
  return null;
}

/** What a slot stands for: the middle of its range. */
function latencyOfSlot(slot: number): number {
  if (slot < 64) return slot;
  const [first, width] = [(slot % 32) + 32, 2 ** (Math.floor(slot / 32) - 1)];
  return (first * width + (first + 1) * width - 1) / 2;
}
