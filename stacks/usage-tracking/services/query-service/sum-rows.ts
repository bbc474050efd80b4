import { addCounts, addLiteral, clearCounts, emptyCounts, p95Of, type Counts } from "../../rollups/latency.ts";
import { sumNames } from "../../rollups/measures.ts";
import type { MeasuresRow } from "./measures.ts";

/** A row of totals. */
export interface HitRow {
  /** The number of the stretch it was read for. */
  readonly nth: number;
  /** Events and sums, as PostgreSQL writes them. */
  readonly numbers: readonly string[];
  /** As `latencyLiteral` writes it. */
  readonly latency: string;
}

/** The rows of a text with a line each; `null` is none. */
export function hitsOf(lines: string | null): HitRow[] {
  return (lines?.split("\n") ?? []).map((line) => {
    const [nth, ...numbers] = line.split(" ");
    return { nth: Number(nth), latency: numbers.pop() ?? "", numbers };
  });
}

/** What rows add up to. */
export interface Sum {
  readonly sums: bigint[];
  readonly latencies: Counts;
}

const names = ["events", ...sumNames] as const;

/** What no rows add up to. */
export function emptySum(): Sum {
  return { sums: names.map(() => 0n), latencies: emptyCounts() };
}

/** Makes it a sum of no rows again: to be used for the next. */
export function clearSum({ sums, latencies }: Sum): void {
  sums.fill(0n);
  clearCounts(latencies);
}

/** Adds a row; with the sign -1 it is taken away. */
export function addRow({ sums, latencies }: Sum, row: HitRow, sign: 1 | -1): void {
  row.numbers.forEach((value, index) => {
    if (value !== "0") sums[index] = (sums[index] ?? 0n) + (sign === 1 ? BigInt(value) : -BigInt(value));
  });
  addLiteral(latencies, row.latency, sign);
}

/** Adds another sum. */
export function addSum(to: Sum, from: Sum): void {
  from.sums.forEach((value, index) => {
    to.sums[index] = (to.sums[index] ?? 0n) + value;
  });
  addCounts(to.latencies, from.latencies);
}

/** The numbers of a sum. */
export function measuresRowOf({ sums, latencies }: Sum, users: number | undefined): MeasuresRow {
  const numbers = Object.fromEntries(names.map((name, index) => [name, String(sums[index] ?? 0n)]));
  // Every name is set: fromEntries only loses that in its type.
  return {
    ...(numbers as Record<(typeof names)[number], string>),
    ...(users !== undefined && { users: String(users) }),
    p95: p95Of(latencies),
  };
}
