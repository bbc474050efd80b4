/** An hour or a day whose totals are audited, by its start. */
export interface AuditBucket {
  readonly period: "hour" | "day";
  readonly bucket: string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Events may be that far ahead of their time. */
const aheadMs = hourMs;

/** The starts of the days of `months` (`202311`) up to a little after `now`, newest first. */
export function daysOfMonths(months: readonly string[], now: number): string[] {
  return months
    .toSorted()
    .toReversed()
    .flatMap((month) => daysOfMonth(month, now + aheadMs));
}

/** What is audited of a day: its hours, then the day itself. */
export function bucketsOfDay(day: string): AuditBucket[] {
  const start = Date.parse(day);
  const hours = Array.from({ length: 24 }, (_, hour) => new Date(start + hour * hourMs).toISOString());
  return [...hours.map((bucket) => ({ period: "hour", bucket }) as const), { period: "day", bucket: day }];
}

function daysOfMonth(month: string, until: number): string[] {
  const [year, index] = [Number(month.slice(0, 4)), Number(month.slice(4)) - 1];
  const days: string[] = [];
  for (let day = Date.UTC(year, index + 1) - dayMs; day >= Date.UTC(year, index); day -= dayMs) {
    if (day <= until) days.push(new Date(day).toISOString());
  }
  return days;
}
