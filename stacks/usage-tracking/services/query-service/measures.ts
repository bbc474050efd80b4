import { exact, exactDecimal, exactMs, type ExactNumber } from "./exact-number.ts";

/** Numbers of a bucket or a range: exact, as texts. */
export interface MeasuresRow {
  readonly events: string;
  /** Different users; absent for the totals of one user. */
  readonly users?: string;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly total_tokens: string;
  readonly pages: string;
  readonly bytes: string;
  readonly requests: string;
  readonly errors: string;
  /** Millionths. */
  readonly custom_units: string;
  readonly latency_count: string;
  readonly latency_us: string;
  /** Microseconds, read from a histogram; null where nothing was measured. */
  readonly p95: number | null;
}

/** The same as answers show it. */
export type Measures = Readonly<Record<string, ExactNumber | null>>;

/**
 * What is not exact in an answer with {@link Measures}: the percentile, by at most that share of its value. Averages and
 * rates are quotients of exact numbers, given to the nearest double.
 */
export const errorBounds = { latency_ms_p95: { relative: 1 / 64 } } as const;

/** The measures of a row. */
export function measuresOf(row: MeasuresRow): Measures {
  const [events, count] = [Number(row.events), Number(row.latency_count)];
  return {
    event_count: exact(row.events),
    ...(row.users !== undefined && { unique_users: exact(row.users) }),
    input_tokens: exact(row.input_tokens),
    output_tokens: exact(row.output_tokens),
    total_tokens: exact(row.total_tokens),
    pages: exact(row.pages),
    bytes: exact(row.bytes),
    requests: exact(row.requests),
    custom_units: exactDecimal(millionths(row.custom_units)),
    error_count: exact(row.errors),
    error_rate: events === 0 ? 0 : Number(row.errors) / events,
    latency_count: exact(row.latency_count),
    latency_ms_sum: exactMs(row.latency_us),
    latency_ms_avg: count === 0 ? null : Number(row.latency_us) / 1000 / count,
    latency_ms_p95: row.p95 === null ? null : row.p95 / 1000,
  };
}

function millionths(text: string): string {
  const digits = text.padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
