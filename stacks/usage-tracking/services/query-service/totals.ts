import type { Instant } from "../../events/instant.ts";
import { formatInstant } from "../../events/instant.ts";
import { sumNames, type SumName } from "../../rollups/measures.ts";
import { exact, exactMs, type ExactNumber } from "./exact-number.ts";

/** A row of `rollup` as PostgreSQL gives it: every number as text. */
export type TotalsRow = Readonly<Record<"events" | SumName, string>>;

/** Totals as answers show them. Latencies are in milliseconds; the mean is `latency_ms_sum / latency_count`. */
export type Totals = Readonly<
  Record<"event_count" | Exclude<SumName, "latency_us" | "errors" | "custom_units"> | "latency_ms_sum", ExactNumber>
>;

/** The totals of a row. */
function totalsOf(row: TotalsRow): Totals {
  return {
    event_count: exact(row.events),
    input_tokens: exact(row.input_tokens),
    output_tokens: exact(row.output_tokens),
    total_tokens: exact(row.total_tokens),
    pages: exact(row.pages),
    bytes: exact(row.bytes),
    requests: exact(row.requests),
    latency_count: exact(row.latency_count),
    latency_ms_sum: exactMs(row.latency_us),
  };
}

/** The totals of several rows together. */
export function sumOf(rows: readonly TotalsRow[]): Totals {
  const sum = (name: keyof TotalsRow): string => rows.reduce((all, row) => all + BigInt(row[name]), 0n).toString();
  const names = ["events", ...sumNames] as const;
  // Every name is set: fromEntries only loses that in its type.
  return totalsOf(Object.fromEntries(names.map((name) => [name, sum(name)])) as TotalsRow);
}

/** One period of an answer. */
export type BucketTotals = { readonly start: string } & Totals;

/** A series without gaps: one entry for each of `buckets`, zero where no row is. */
export function seriesOf(
  buckets: readonly Instant[],
  rows: readonly (TotalsRow & { readonly bucket: Instant })[],
): BucketTotals[] {
  const byBucket = new Map(rows.map((row) => [row.bucket, row]));
  const empty = sumOf([]);
  return buckets.map((bucket) => {
    const row = byBucket.get(bucket);
    return { start: formatInstant(bucket), ...(row ? totalsOf(row) : empty) };
  });
}
