import type { Instant } from "../events/instant.ts";

/** The periods that totals are kept for, in UTC; weeks are those of ISO 8601, from Monday. */
export const rollupPeriods = ["hour", "day", "week", "month"] as const;

export type RollupPeriod = (typeof rollupPeriods)[number];

const hour = 3_600_000_000;
const day = 24 * hour;
/** 1970 began on a Thursday. */
const sinceMonday = 3 * day;

/** The start of the period that holds an instant. */
export function startOf(period: RollupPeriod, at: Instant): Instant {
  return starts[period](at);
}

const starts: Readonly<Record<RollupPeriod, (at: Instant) => Instant>> = {
  hour: (at) => Math.floor(at / hour) * hour,
  day: (at) => Math.floor(at / day) * day,
  week: (at) => Math.floor((at + sinceMonday) / (7 * day)) * 7 * day - sinceMonday,
  month: (at) => {
    const date = new Date(Math.floor(at / 1000));
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) * 1000;
  },
};

/** The end of the period that holds an instant: the start of the next one. */
export function endOf(period: RollupPeriod, at: Instant): Instant {
  // A month is at most 31 days long, and the start of the 32nd day is in the next one.
  const lengths = { hour, day, week: 7 * day, month: 31 * day };
  return period === "month"
    ? startOf("month", startOf("month", at) + lengths.month)
    : startOf(period, at) + lengths[period];
}
