import { endOf, startOf, type RollupPeriod } from "../../rollups/periods.ts";
import { formatInstant, type Instant } from "../../events/instant.ts";

/** A bucket whose totals are audited. */
export interface AuditBucket {
  readonly period: RollupPeriod;
  readonly from: Instant;
  readonly to: Instant;
}

/** Events may be that far ahead of their time. */
const ahead = 3_600_000_000;

/** The starts of `months` (`202311`) that began before `now`, newest first. */
export function monthsToAudit(months: readonly string[], now: Instant): Instant[] {
  return months
    .map((month) => Date.UTC(Number(month.slice(0, 4)), Number(month.slice(4)) - 1) * 1000)
    .filter((month) => month <= now + ahead)
    .toSorted((a, b) => b - a);
}

/** What is audited of a month as a whole: itself, and every week that has a day of it. */
export function wholeBuckets(month: Instant): AuditBucket[] {
  const weeks: AuditBucket[] = [];
  for (let week = startOf("week", month); week < endOf("month", month); week = endOf("week", week)) {
    weeks.push({ period: "week", from: week, to: endOf("week", week) });
  }
  return [{ period: "month", from: month, to: endOf("month", month) }, ...weeks];
}

/** The days of a month up to a little after `now`, newest first. */
export function daysOfMonth(month: Instant, now: Instant): Instant[] {
  const days: Instant[] = [];
  for (let day = month; day < endOf("month", month) && day <= now + ahead; day = endOf("day", day)) days.push(day);
  return days.toReversed();
}

/** What is audited of a day: its hours, then the day itself. */
export function bucketsOfDay(day: Instant): AuditBucket[] {
  const buckets: AuditBucket[] = [];
  for (let hour = day; hour < endOf("day", day); hour = endOf("hour", hour)) {
    buckets.push({ period: "hour", from: hour, to: endOf("hour", hour) });
  }
  return [...buckets, { period: "day", from: day, to: endOf("day", day) }];
}

/** The bucket as the audit's statements take it: its start and its end. */
export function boundsOf({ from, to }: AuditBucket): [from: string, to: string] {
  return [formatInstant(from), formatInstant(to)];
}
