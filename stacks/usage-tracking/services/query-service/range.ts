import { formatInstant, parseInstant, type Instant } from "../../events/instant.ts";
import { endOf, startOf, type RollupPeriod } from "../../rollups/periods.ts";
import { localBuckets } from "./local-buckets.ts";
import { piecesOf } from "./pieces.ts";
import { firstInstantAt, isZone, segmentsOf } from "./zone.ts";

/** An absolute range of time: `from` belongs to it, `to` does not. */
export interface Range {
  readonly from: Instant;
  readonly to: Instant;
}

/** What a request says about its range. */
export interface RangeInput {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Whose midnights dates are, and whose hours and days periods are. Default UTC. */
  readonly time_zone?: string | undefined;
}

/** Why a range is refused, and the parameter at fault. */
export interface RangeFault {
  readonly parameter: "from" | "to" | "time_zone";
  readonly message: string;
}

const day = 86_400_000_000;
const defaultDays = 30;
/** Most buckets of one answer: five years of days, twelve weeks of hours. */
const maxBuckets = 2000;
/** Most half hours of events that one answer adds up, for zones at half past. */
const maxRaw = 400;

/** The range of a request: `to` is now where it is missing, `from` thirty days before `to`. */
export function readRange(input: RangeInput, now: Instant): Range | RangeFault {
  const zone = input.time_zone ?? "UTC";
  if (!isZone(zone)) return fault("time_zone", "expected a time zone of IANA's, such as Europe/Berlin");
  const to = input.to === undefined ? now : parseMoment(input.to, zone);
  if (to === undefined) return fault("to", "expected a date (2026-11-20) or an RFC 3339 date-time with an offset");
  const from = input.from === undefined ? to - defaultDays * day : parseMoment(input.from, zone);
  if (from === undefined) return fault("from", "expected a date (2026-11-20) or an RFC 3339 date-time with an offset");
  if (from >= to) return fault("from", `expected a time before ${formatInstant(to)}`);
  return { from, to };
}

/**
 * The same for totals, as the starts of its periods and the end of the last: widened to whole periods, so that equal
 * questions are equal whenever they are asked within one period, and rollups answer them.
 */
export function readPeriods(input: RangeInput, period: RollupPeriod, now: Instant): readonly Instant[] | RangeFault {
  const range = readRange(input, now);
  if ("parameter" in range) return range;
  const shortest = { hour: day / 24, day: (23 / 24) * day, week: 6 * day, month: 27 * day }[period];
  const most = (range.to - range.from) / shortest;
  // Counted before they are made: a range may be two hundred years long.
  const starts = most > 2 * maxBuckets ? [] : localBuckets(range, period, input.time_zone ?? "UTC");
  const count = starts.length === 0 ? `about ${Math.round(most)}` : starts.length - 1;
  if (starts.length === 0 || starts.length - 1 > maxBuckets) {
    return fault("from", `expected at most ${maxBuckets} ${period}s, got ${count}`);
  }
  const raw = piecesOf(starts).filter(({ level }) => level === "raw").length;
  if (raw <= maxRaw) return starts;
  return fault(
    "time_zone",
    `expected at most ${maxRaw} parts of an hour (totals are kept by hours of UTC), got ${raw}`,
  );
}

/** A range of whole days in UTC. */
export function readDays(input: RangeInput, now: Instant): Range | RangeFault {
  const range = readRange(input, now);
  if ("parameter" in range) return range;
  return { from: startOf("day", range.from), to: endOf("day", range.to - 1) };
}

/** The range that periods which follow each other make up, given as {@link readPeriods} does. */
export function rangeOf(starts: readonly Instant[]): Range {
  return { from: starts[0] ?? 0, to: starts.at(-1) ?? 0 };
}

/** A range as answers show it. */
export function shownRange({ from, to }: Range): { readonly from: string; readonly to: string } {
  return { from: formatInstant(from), to: formatInstant(to) };
}

function parseMoment(text: string, zone: string): Instant | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return parseInstant(text);
  const midnight = parseInstant(`${text}T00:00:00Z`);
  return midnight === undefined
    ? undefined
    : firstInstantAt(segmentsOf(zone, midnight - 2 * day, midnight + 2 * day), midnight);
}

function fault(parameter: RangeFault["parameter"], message: string): RangeFault {
  return { parameter, message };
}
