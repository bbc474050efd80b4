import type { Instant } from "../../events/instant.ts";

/** A stretch of time with one offset from UTC; it ends where the next one starts. */
export interface Segment {
  readonly start: Instant;
  /** What is added to an instant for the time that clocks show ("wall time"), in microseconds. */
  readonly offset: number;
}

/** The segments of a zone over a range; the first starts long before it. */
export type Segments = readonly [Segment, ...Segment[]];

const minute = 60_000_000;
/** No zone changed twice within four days since 2000. */
const probe = 4 * 24 * 60 * minute;

/** Whether a text names a time zone of IANA's. */
export function isZone(name: string): boolean {
  // Intl also takes offsets such as +05:30, which are no zones.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return formatterOf(name) !== undefined;
  } catch {
    return false; // a RangeError: there is no such zone
  }
}

/** The segments of `zone` that cover `from` to `to`. */
export function segmentsOf(zone: string, from: Instant, to: Instant): Segments {
  const first = Math.floor(from / probe);
  const segments: [Segment, ...Segment[]] = [{ start: Number.NEGATIVE_INFINITY, offset: windowOf(zone, first).offset }];
  for (let nth = first; nth * probe < to; nth++) {
    const { change } = windowOf(zone, nth);
    if (change) segments.push(change);
  }
  return segments;
}

/** The time from one probe to the next: the offset that it begins with, and the change to another. */
interface Window {
  readonly offset: number;
  readonly change: Segment | undefined;
}

const windows = new Map<string, Window>();

/** Kept by zone and number: every question looks at months of them, and Intl takes its time. */
function windowOf(zone: string, nth: number): Window {
  const name = `${zone} ${nth}`;
  const kept = windows.get(name);
  if (kept) return kept;
  const made = readWindow(formatterOf(zone), nth * probe, (nth + 1) * probe);
  // Enough for a hundred years of five zones, or a few of all.
  if (windows.size >= 50_000) windows.clear();
  windows.set(name, made);
  return made;
}

function readWindow(formatter: Intl.DateTimeFormat, from: Instant, to: Instant): Window {
  const [offset, next] = [offsetAt(formatter, from), offsetAt(formatter, to)];
  const change = next === offset ? undefined : { start: firstWith(formatter, from, to, next), offset: next };
  return { offset, change };
}

/** The segment that holds an instant. */
export function segmentAt(segments: Segments, at: Instant): Segment {
  return segments.findLast(({ start }) => start <= at) ?? segments[0];
}

/**
 * The first instant at which clocks show `wall` or later: in the hour that is skipped in spring the moment of the change,
 * in the one that is repeated in autumn its first time.
 */
export function firstInstantAt(segments: Segments, wall: number): Instant {
  for (const [index, { start, offset }] of segments.entries()) {
    const at = Math.max(start, wall - offset);
    if (at < (segments[index + 1]?.start ?? Number.POSITIVE_INFINITY)) return at;
  }
  return Number.NaN; // the last segment has no end
}

/** The change to `offset` between two instants; zones change on whole minutes. */
function firstWith(formatter: Intl.DateTimeFormat, before: Instant, after: Instant, offset: number): Instant {
  let low = Math.floor(before / minute);
  let high = Math.ceil(after / minute);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(formatter, middle * minute) === offset) high = middle;
    else low = middle;
  }
  return high * minute;
}

function offsetAt(formatter: Intl.DateTimeFormat, at: Instant): number {
  const name = formatter.formatToParts(Math.floor(at / 1000)).find(({ type }) => type === "timeZoneName")?.value ?? "";
  // GMT, GMT+05:30, GMT-04:00
  const [, sign, hours = "0", minutes = "0"] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minute;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError for a zone that there is not. A formatter costs far more to make than to use. */
function formatterOf(zone: string): Intl.DateTimeFormat {
  const kept = formatters.get(zone);
  if (kept) return kept;
  const made = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  // Names are matched without regard to case: more spellings than zones.
  if (formatters.size >= 1000) formatters.clear();
  formatters.set(zone, made);
  return made;
}
