import { formatInstant, parseInstant, type Instant } from "../../events/instant.ts";
import { bucketOf, periods, type Period } from "../../rollups/deltas.ts";

/** An absolute range of time: `from` belongs to it, `to` does not. */
export interface Range {
  readonly from: Instant;
  readonly to: Instant;
}

/** What a request says about its range. */
export interface RangeInput {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Why a range is refused, and the parameter at fault. */
export interface RangeFault {
  readonly parameter: "from" | "to";
  readonly message: string;
}

const defaultDays = 30;
/** Most buckets of one answer: five years of days, twelve weeks of hours. */
export const maxBuckets = 2000;

/** The range of a request: `to` is now where it is missing, `from` thirty days before `to`. */
export function readRange(input: RangeInput, now: Instant): Range | RangeFault {
  const to = input.to === undefined ? now : parseMoment(input.to);
  if (to === undefined) return fault("to", "expected a date (2026-11-20) or an RFC 3339 date-time with an offset");
  const from = input.from === undefined ? to - defaultDays * periods.day : parseMoment(input.from);
  if (from === undefined) return fault("from", "expected a date (2026-11-20) or an RFC 3339 date-time with an offset");
  if (from >= to) return fault("from", `expected a time before ${formatInstant(to)}`);
  return { from, to };
}

/**
 * The same for totals: widened to whole periods, so that equal questions have equal ranges and rollups alone answer
 * them.
 */
export function readBuckets(input: RangeInput, period: Period, now: Instant): Range | RangeFault {
  const range = readRange(input, now);
  if ("parameter" in range) return range;
  const from = bucketOf(period, range.from);
  const to = bucketOf(period, range.to + periods[period] - 1);
  const count = (to - from) / periods[period];
  if (count > maxBuckets) return fault("from", `expected at most ${maxBuckets} ${period}s, got ${count}`);
  return { from, to };
}

/** The starts of the periods of a range that is made of whole ones. */
export function bucketsOf({ from, to }: Range, period: Period): Instant[] {
  return Array.from({ length: (to - from) / periods[period] }, (_, index) => from + index * periods[period]);
}

function parseMoment(text: string): Instant | undefined {
  return parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
}

function fault(parameter: "from" | "to", message: string): RangeFault {
  return { parameter, message };
}
