import { Cron } from "croner";
import type { SlotsOf } from "./schedules.ts";

/** Slots are looked for this far at most: an expression of every minute over two months. */
const mostSlots = 100_000;

/** Slots by the rules of cron in the schedule's time zone, daylight saving included. */
export const cronSlots: SlotsOf = ({ cron, timeZone }, after, until) => {
  const expression = new Cron(cron, { timezone: timeZone, paused: true, mode: "5-part" });
  const slots: number[] = [];
  let next = expression.nextRun(new Date(after));
  while (next && next.getTime() <= until && slots.length < mostSlots) {
    slots.push(next.getTime());
    next = expression.nextRun(next);
  }
  return { slots, next: next?.getTime() ?? null };
};
