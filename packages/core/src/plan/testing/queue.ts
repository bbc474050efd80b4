import type { LifecycleEvent, Timer, UnitId } from "../lifecycle-types.ts";
import { keyOf } from "./spec.ts";
import type { Process } from "./world.ts";

/** What is under way to the reducer, and when it arrives. */
export interface Pending {
  readonly due: number;
  readonly event: LifecycleEvent;
  /** A probe's answer or an end is void when its process is no more. */
  readonly process?: Process;
}

/** Events and timers in the order in which they fall due. */
export interface Queue {
  readonly timers: ReadonlyMap<string, Pending>;
  add(pending: Pending): void;
  setTimer(id: UnitId, timer: Timer, due: number): void;
  clearTimer(id: UnitId, timer: Timer): void;
  /** Takes what falls due first, `until` at the latest; among equals what came first. */
  next(until: number, ignoreStable: boolean): Pending | undefined;
}

export function createQueue(): Queue {
  const timers = new Map<string, Pending>();
  let pending: Pending[] = [];
  return {
    timers,
    add: (each) => void pending.push(each),
    setTimer({ resource, replica, generation }, timer, due) {
      const event = { type: "timer", at: 0, timer, resource, replica, generation } as const;
      timers.set(`${keyOf(event)} ${timer}`, { due, event });
    },
    clearTimer: (id, timer) => void timers.delete(`${keyOf(id)} ${timer}`),
    next(until, ignoreStable) {
      let best: Pending | undefined;
      for (const each of pending) if (each.due <= until && (!best || each.due < best.due)) best = each;
      let timer: string | undefined;
      for (const [key, each] of timers) {
        const ignored = ignoreStable && key.endsWith(" stable");
        if (each.due <= until && !ignored && (!best || each.due < best.due)) [best, timer] = [each, key];
      }
      if (timer !== undefined) timers.delete(timer);
      else if (best) pending = pending.filter((each) => each !== best);
      return best;
    },
  };
}
