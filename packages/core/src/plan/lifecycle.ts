import type { Effect, LifecycleEvent, Unit } from "./lifecycle-types.ts";
import { desire, down, remove, restart, start, stop } from "./lifecycle/orders.ts";
import { runEvent } from "./lifecycle/run-events.ts";
import { settle } from "./lifecycle/settle.ts";
import { table } from "./lifecycle/table.ts";
import { draftOf, findUnit, idOf, type Draft, type System } from "./lifecycle/system.ts";

/*
 * The life of everything that runs, as one reducer: (system, event) -> (system, effects). One writer, no clock, no
 * randomness: both come with the event. An event does two things. First it is applied to the unit or resource it names;
 * then the system settles: from what is wanted and what is there follows what is started and stopped, whatever led here.
 *
 * A unit is one replica of a resource at one generation. Its states, and every way from one to another:
 *
 *   Waiting    to be started. It waits for its needs (`waitingFor`), for another generation to end, or for its retry.
 *              -> Starting   its needs are met, no retry is pending, no other generation is in its way
 *              -> Exited     stopped, or the stack goes down
 *   Starting   `spawn` was asked of the driver and is not answered yet.
 *              -> Running    spawned, adopted
 *              -> as after Running, on spawn-failed or exited
 *              -> Stopping   stopped, restarted, replaced, removed, scaled down, the stack goes down
 *   Running    a process exists. Health: Unknown until its first readiness, then Ready or Unhealthy.
 *              -> Completed  a job ended with 0
 *              -> Exited     a service ended with 0 and its policy is `on-failure` or `no`
 *              -> Failed     it ended with 125 (permanent failure); or badly under policy `no`; or a job used its attempts
 *              -> Waiting    it crashed and is tried again after a delay (`retryAt`)
 *              -> CrashLoop  the same, `crashLoopAfter` times in a row or more
 *              -> Stopping   as above, or it is no longer alive: liveness failed past its threshold
 *   Stopping   it was signalled; when the grace is over it is killed. Only its end leads out of here.
 *              -> Waiting    it was stopped to be restarted, or is wanted again meanwhile
 *              -> Waiting or CrashLoop  it was stopped because it was unhealthy: that counts as a crash
 *              -> Exited     otherwise; forgotten at once (`gone`) if it was replaced, removed or surplus
 *   Exited     ended, and nothing starts it but `start`, `restart`, or the same generation desired again.  -> Waiting
 *   Failed     as Exited; it will not be tried again by itself.                                            -> Waiting
 *   Completed  a job's success; only `restart` runs it again, or a new generation.                         -> Waiting
 *   CrashLoop  tried again every `maxDelayMs`.  -> Waiting (its delay is over, or started by hand), -> Exited (stopped)
 *
 * Gates. Needs are looked at before each start, the first one and retries; they never stop what runs.
 *
 * Crashes. A bad end, a spawn that failed, and a stop for bad health count. Delays double up to a cap, with jitter. A
 * service that ran for `resetAfterMs` begins anew at zero; a job's attempts are counted as they are.
 *
 * Liveness counts once a unit was ready. Before, nothing but its own exit ends it: what boots slowly, or waits for
 * something itself, must not be restarted for it; `why` shows the last answer of its probe. Readiness never restarts.
 *
 * Generations. With `stop-first` the old one ends before the new one starts. With `start-first`, if the old one serves,
 * the new one starts beside it, one replica at a time. When a new unit is ready (without a probe: has run for a second)
 * the old one goes. When it is not within `readyWithinMs`, crash-loops or ends, the new units go, and the old generation
 * stays or comes back in the same way; the resource says so until it is desired anew.
 *
 * Leaving. `down` and `remove` stop what needs others first, then the others. `down` with force kills everything at once.
 * After `down` nothing is ever started. `stop`, `start` and `restart` are about one resource; what needs it is left alone.
 *
 * Events that name a unit which is unknown, or in a state where they mean nothing, change nothing.
 */

/** A system that knows nothing yet. */
export const emptySystem: System = { mode: "up", resources: table(), dependants: new Map() };

/** Applies one event. Effects are in the order in which they are to be carried out: what changed comes first. */
export function reduce(system: System, event: LifecycleEvent): { readonly system: System; readonly effects: Effect[] } {
  const draft = draftOf(system, event);
  apply(draft, event);
  if (draft.touched.size === 0 && draft.mode === system.mode) return { system, effects: [] };
  settle(draft);
  const { mode, resources, dependants, actions } = draft;
  return { system: { mode, resources, dependants }, effects: [...changes(system, draft), ...actions] };
}

function apply(draft: Draft, event: LifecycleEvent): void {
  switch (event.type) {
    case "desire":
      return desire(draft, event);
    case "stop":
      return stop(draft, event.resource);
    case "start":
      return start(draft, event.resource);
    case "restart":
      return restart(draft, event.resource);
    case "remove":
      return remove(draft, event.resource);
    case "down":
      return down(draft, event.force);
    default:
      return runEvent(draft, event);
  }
}

/** One `changed` for each unit that is not as it was; those that are gone have said so themselves. */
function* changes(before: System, draft: Draft): Generator<Effect> {
  for (const name of draft.touched) {
    const was = before.resources.get(name);
    for (const unit of draft.resources.get(name)?.units ?? []) {
      const old = findUnit(was, unit);
      if (!old || !sameUnit(old, unit)) yield { type: "changed", unit, ...idOf(unit) };
    }
  }
}

function sameUnit(a: Unit, b: Unit): boolean {
  const keys = Object.keys(a) as (keyof Unit)[];
  return (
    a === b || keys.every((key) => a[key] === b[key] || (key === "waitingFor" && String(a[key]) === String(b[key])))
  );
}
