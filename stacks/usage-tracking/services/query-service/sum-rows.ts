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
  /** What fits a double: at most 2^52, on either side of 0. */
  readonly low: number[];
  /** What does not. */
  readonly high: bigint[];
  readonly latencies: Counts;
}

const names = ["events", ...sumNames] as const;

/** What no rows add up to. */
export function emptySum(): Sum {
  return { low: names.map(() => 0), high: names.map(() => 0n), latencies: emptyCounts() };
}

/** Makes it a sum of no rows again: to be used for the next. */
export function clearSum({ low, high, latencies }: Sum): void {
  low.fill(0);
  high.fill(0n);
  clearCounts(latencies);
}

/** Adds a row; with the sign -1 it is taken away. */
export function addRow(to: Sum, row: HitRow, sign: 1 | -1): void {
  row.numbers.forEach((value, index) => {
    if (value.length <= 15) addLow(to, index, sign * Number(value));
    else addHigh(to, index, BigInt(sign) * BigInt(value));
  });
  addLiteral(to.latencies, row.latency, sign);
}

/** Adds a whole number of at most 2^52. */
function addLow(to: Sum, index: number, value: number): void {
  const sum = (to.low[index] ?? 0) + value;
  const fits = Math.abs(sum) <= 2 ** 52;
  to.low[index] = fits ? sum : 0;
  if (!fits) addHigh(to, index, BigInt(sum));
}

function addHigh({ high }: Sum, index: number, value: bigint): void {
  high[index] = (high[index] ?? 0n) + value;
}

/** Adds another sum. */
export function addSum(to: Sum, from: Sum): void {
  from.low.forEach((value, index) => {
    addLow(to, index, value);
  });
  from.high.forEach((value, index) => {
    if (value !== 0n) addHigh(to, index, value);
  });
  addCounts(to.latencies, from.latencies);
}

/** The numbers of a sum. */
export function measuresRowOf(sum: Sum, users: number | undefined): MeasuresRow {
  const numbers = Object.fromEntries(names.map((name, index) => [name, digitsAt(sum, index)]));
  // Every name is set: fromEntries only loses that in its type.
  return {
    ...(numbers as Record<(typeof names)[number], string>),
    ...(users !== undefined && { users: String(users) }),
    p95: p95Of(sum.latencies),
  };
}

function digitsAt({ low, high }: Sum, index: number): string {
  const [small = 0, large = 0n] = [low[index], high[index]];
  return large === 0n ? String(small) : String(large + BigInt(small));
}
