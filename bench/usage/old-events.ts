import { benchEvent } from "./events.ts";

/** What the bench of queries is run on: the events of the load, spread evenly over these days in the order of time. */
export const days = 90;
export const day = 86_400_000_000;
export const firstDay = Date.UTC(2026, 7, 1) * 1000;

/** Event number `n` of `events`. */
export function oldEvent(n: number, events: number): ReturnType<typeof benchEvent> {
  const { tenant, event } = benchEvent(n);
  return { tenant, event: { ...event, at: firstDay + Math.floor((n / events) * days * day) } };
}
