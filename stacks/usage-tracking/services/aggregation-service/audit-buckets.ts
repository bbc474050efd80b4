/** An hour or a day whose totals are audited, by its start. */
export interface AuditBucket {
  readonly period: "hour" | "day";
  readonly bucket: string;
}

const hourMs = 3_600_000;
/** Events may be that far ahead of their time. */
const aheadMs = 2 * hourMs;

/** The hours and days of `months` (`202311`) up to a little after `now`, newest first; a day comes after its hours. */
export function bucketsOfMonths(months: readonly string[], now: number): AuditBucket[] {
  return months
    .toSorted()
    .toReversed()
    .flatMap((month) => bucketsOfMonth(month, now + aheadMs));
}

function bucketsOfMonth(month: string, until: number): AuditBucket[] {
  const [year, index] = [Number(month.slice(0, 4)), Number(month.slice(4)) - 1];
  const buckets: AuditBucket[] = [];
  const first = Date.UTC(year, index);
  for (let day = Date.UTC(year, index + 1) - 24 * hourMs; day >= first; day -= 24 * hourMs) {
    if (day > until) continue;
    for (let hour = day + 23 * hourMs; hour >= day; hour -= hourMs) {
      if (hour <= until) buckets.push({ period: "hour", bucket: new Date(hour).toISOString() });
    }
    buckets.push({ period: "day", bucket: new Date(day).toISOString() });
  }
  return buckets;
}
