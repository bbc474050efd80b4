import { scheduleStep, type ScheduleSpec, type Unit } from "@caisson/core/run";
import type { Engine } from "../engine/engine.ts";
import type { RecordStore } from "./record-store.ts";

/** Fires schedules at their slots while the agent runs; slots that passed meanwhile follow each schedule's policy. */
export interface Schedules {
  /** Looks at all schedules anew: after an `up`, a stop or a start by hand, and when the agent starts. */
  sync(): void;
  /** Of the engine: a run may have ended, and another may wait for that. */
  changed(unit: Unit): void;
  close(): void;
}

/** What schedules act on. Times are epoch ms: slots are times of the wall clock. */
export interface ScheduleWorld {
  readonly records: RecordStore;
  readonly engine: Pick<Engine, "units">;
  /** Starts one run of a schedule's program. */
  readonly run: (name: string) => void;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: (message: string) => void;
}

/** Slots of a cron expression after `after` up to `until`, ascending, and the next one after that. */
export type SlotsOf = (
  spec: ScheduleSpec,
  after: number,
  until: number,
) => { readonly slots: readonly number[]; readonly next: number | null };

/** A sleep is never longer than this: the wall clock may jump, and a slot must not wait for a timer that did not. */
const longestSleepMs = 60_000;

export function schedules(world: ScheduleWorld, loadSlots: () => Promise<SlotsOf>): Schedules {
  const { records, engine, log } = world;
  const timers = new Map<string, NodeJS.Timeout>();
  let slotsOf: SlotsOf | undefined;
  let closed = false;

  const wanted = (): string[] =>
    records
      .names()
      .filter((name) => records.latest(name)?.resource.schedule !== undefined && !records.status(name).stopped);

  const step = (name: string): void => {
    clearTimeout(timers.get(name));
    timers.delete(name);
    const spec = records.latest(name)?.resource.schedule;
    if (closed || !spec || !slotsOf || !wanted().includes(name)) return;
    const now = world.now();
    const { schedule } = records.status(name);
    const { slots, next } = slotsOf(spec, schedule.lastSlot ?? now, now);
    const decision = scheduleStep(spec, schedule, { now, slots, running: isRunning(name) });
    // Written before the run starts: a crash in between loses a run, it never makes two of one slot.
    records.setStatus(name, { schedule: { ...decision.state, lastSlot: decision.state.lastSlot ?? now } });
    if (decision.skipped.length > 0) log(`${name}: ${decision.skipped.length} slots did not run (overlap or missed)`);
    if (decision.run !== null) after(name, world.random() * spec.jitterMs, () => world.run(name));
    if (next !== null) sleep(name, Math.min(longestSleepMs, Math.max(0, next - now)));
  };
  const sleep = (name: string, ms: number): void => {
    timers.set(
      name,
      setTimeout(() => step(name), ms),
    );
  };
  const after = (name: string, ms: number, act: () => void): void => {
    if (ms <= 0) return act();
    const fire = (): void => {
      timers.delete(`${name} jitter`);
      if (!closed && wanted().includes(name)) act();
    };
    timers.set(`${name} jitter`, setTimeout(fire, ms));
  };
  const isRunning = (name: string): boolean =>
    timers.has(`${name} jitter`) || engine.units().some((unit) => unit.resource === name && !ended.has(unit.state));

  return {
    sync() {
      const names = wanted();
      if (names.length === 0) return;
      loadSlots().then(
        (slots) => {
          slotsOf = slots;
          for (const name of names) step(name);
        },
        (error: unknown) => log(`schedules do not run: ${String(error)}`),
      );
    },
    changed(unit) {
      if (!ended.has(unit.state) || records.status(unit.resource).schedule.queued.length === 0) return;
      if (wanted().includes(unit.resource)) setImmediate(() => step(unit.resource));
    },
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

const ended: ReadonlySet<Unit["state"]> = new Set(["Completed", "Failed", "Exited"]);
