import type { Instant } from "../../events/instant.ts";
import { endOf, startOf, type RollupPeriod } from "../../rollups/periods.ts";
import type { Range } from "./range.ts";
import { firstInstantAt, segmentAt, segmentsOf, type Segments } from "./zone.ts";

const hour = 3_600_000_000;
/** A day, week or month that starts within the range may reach that far around it. */
const margin = 32 * 24 * hour;

/**
 * The starts of the periods of a zone's calendar that cover `range`, and the end of the last. A period is as long as it was
 * there: a day has 23 to 25 hours, an hour that is repeated is two.
 */
export function localBuckets({ from, to }: Range, period: RollupPeriod, zone: string): Instant[] {
  const segments = segmentsOf(zone, from - margin, to + margin);
  return period === "hour" ? hours(segments, from, to) : calendar(segments, from, to, period);
}

function calendar(segments: Segments, from: Instant, to: Instant, period: RollupPeriod): Instant[] {
  // Wall time is counted like UTC: its calendar is the same.
  let wall = startOf(period, from + segmentAt(segments, from).offset);
  const starts = [firstInstantAt(segments, wall)];
  while ((starts.at(-1) ?? to) < to) {
    wall = endOf(period, wall);
    const next = firstInstantAt(segments, wall);
    // Samoa had no 30 December 2011: a day that there was not has no bucket.
    if (next > (starts.at(-1) ?? next)) starts.push(next);
  }
  return starts;
}

/** An hour starts where clocks show a full one, or jump into another. */
function hours(segments: Segments, from: Instant, to: Instant): Instant[] {
  const starts: Instant[] = [];
  for (const [index, { start, offset }] of segments.entries()) {
    const end = segments[index + 1]?.start ?? Number.POSITIVE_INFINITY;
    const before = segments[index - 1];
    const jumped = before && Math.floor((start + before.offset - 1) / hour) !== Math.floor((start + offset) / hour);
    if (jumped && (start + offset) % hour !== 0 && start < to + hour) starts.push(start);
    const first = Math.max(start, from - 2 * hour);
    for (let at = Math.ceil((first + offset) / hour) * hour - offset; at < end; at += hour) {
      starts.push(at);
      if (at >= to) break;
    }
  }
  const begin = starts.findLastIndex((at) => at <= from);
  const last = starts.findIndex((at) => at >= to);
  return starts.slice(begin, last + 1);
}
