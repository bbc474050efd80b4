import {
  conditionOf,
  emptySystem,
  reduce,
  statusOf,
  type Condition,
  type DesiredUnitSpec,
  type Effect,
  type FoundUnit,
  type LifecycleEvent,
  type System,
  type Unit,
  type UnitId,
  type Verdict,
} from "@caisson/core/run";
import type { Driver, RunRecord } from "../drivers/driver.ts";
import type { Probes } from "./probes.ts";
import { timers, type Timers } from "./timers.ts";
import { unitKey } from "./unit-key.ts";

/** The world the engine acts on; all of it is handed in. */
export interface EngineWorld {
  readonly driver: Driver;
  readonly probes: Probes;
  /** Starts one replica: materialises its files, finds its ports, calls the driver. */
  readonly start: (id: UnitId) => Promise<RunRecord>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** 0 <= x < 1; spreads retries. */
  readonly random: () => number;
  /** Where a run is written down as soon as it exists, and forgotten when its unit is gone. */
  readonly journal: { unit(unit: Unit, run: RunRecord | undefined): void; gone(id: UnitId): void };
  /** Told after every change of a unit; must not throw. */
  readonly changed: (unit: Unit) => void;
  readonly gone: (id: UnitId) => void;
  /** A sentence about a unit that people should hear: a signal that could not be sent. */
  readonly report: (id: UnitId, message: string) => void;
}

/** A signal that whoever runs the unit did not take (an engine that hangs) is sent again after this many milliseconds. */
const againMs = 5000;

/** The one place that starts and ends things: events in, the reducer decides, effects out. */
export interface Engine {
  dispatch(event: EngineCommand): void;
  /** Makes a resource known as an earlier agent left it: what still runs is followed, nothing is started twice. */
  adopt(spec: DesiredUnitSpec, found: readonly FoundRun[], stopped: boolean): void;
  units(): readonly Unit[];
  runOf(id: UnitId): RunRecord | undefined;
  /** The generation that is wanted of a resource: the newest, or the one that was kept when that did not start. */
  generation(resource: string): number | undefined;
  /** How far the change to the newest generation is; `failed`: the one before it was kept. */
  rollout(resource: string): "none" | "going" | "failed";
  /** Whether a unit of the generation that is wanted runs and has been ready. */
  serves(resource: string): boolean;
  /** Whether the newest generation that was asked for is as wanted, may get there by itself, or will not. */
  verdict(resource: string, condition: Condition): Verdict;
  /** Stops acting; what runs goes on running. */
  close(): void;
}

/** A unit an earlier agent left; `run` is set when it is alive. */
export interface FoundRun {
  readonly unit: FoundUnit;
  readonly run: RunRecord | null;
}

/** What callers may ask; the rest of the events is the engine's own. */
export type EngineCommand = WithoutTime<
  Extract<LifecycleEvent, { type: "desire" | "stop" | "start" | "restart" | "remove" | "down" }>
>;

type WithoutTime<E> = E extends unknown ? Omit<E, "at" | "random"> : never;
type EngineEvent = WithoutTime<LifecycleEvent>;

/**
 * Events are handled one after the other, each to its end; effects that take time run beside and answer with an event
 * of their own, which carries the generation it belongs to, so that an answer that comes too late changes nothing.
 */
export function createEngine(world: EngineWorld): Engine {
  const units = new Map<string, Unit>();
  const runs = new Map<string, RunRecord>();
  /** What was asked of a run last. */
  const asked = new WeakMap<RunRecord, (record: RunRecord) => Promise<void>>();
  const clocks: Timers = timers();
  const queue: EngineEvent[] = [];
  let system: System = emptySystem;
  let busy = false;
  let closed = false;

  const dispatch = (event: EngineEvent): void => {
    if (closed) return;
    queue.push(event);
    if (busy) return;
    busy = true;
    try {
      for (let next = queue.shift(); next; next = queue.shift()) {
        // The time and the spread are the only things the reducer cannot know.
        const result = reduce(system, { ...next, at: world.now(), random: world.random() } as LifecycleEvent);
        system = result.system;
        for (const effect of result.effects) carryOut(effect);
      }
    } finally {
      busy = false;
    }
  };

  const spawn = (id: UnitId): void => {
    const key = unitKey(id);
    world.start(id).then(
      (record) => {
        if (closed) return;
        runs.set(key, record);
        const unit = units.get(key);
        if (unit) world.journal.unit(unit, record);
        follow(id, record);
        dispatch({ type: "spawned", ...idOf(id) });
      },
      (error: unknown) => dispatch({ type: "spawn-failed", ...idOf(id), reason: reasonOf(error) }),
    );
  };

  const follow = (id: UnitId, record: RunRecord): void => {
    const key = unitKey(id);
    void world.driver.ended(record).then((exit) => {
      if (closed) return;
      if (runs.get(key) === record) runs.delete(key);
      dispatch({ type: "exited", ...idOf(id), exit });
    });
  };

  const withRun = (id: UnitId, act: (record: RunRecord) => Promise<void>, said = ""): void => {
    const key = unitKey(id);
    const record = runs.get(key);
    // No run: it ended a moment ago, and its `exited` event is on its way.
    if (!record) return;
    asked.set(record, act);
    act(record).catch((error: unknown) => {
      // The later one of two says what is wanted now, whichever is answered first.
      const wanted = (): boolean => !closed && runs.get(key) === record && asked.get(record) === act;
      if (!wanted()) return;
      const reason = reasonOf(error);
      if (reason !== said) world.report(id, reason);
      clocks.set(`${key} again`, againMs, () => {
        if (wanted()) withRun(id, act, reason);
      });
    });
  };

  const carryOut = (effect: Effect): void => {
    const key = unitKey(effect);
    switch (effect.type) {
      case "spawn":
        return spawn(idOf(effect));
      case "signal":
        return withRun(effect, (record) => world.driver.signal(record, effect.signal));
      case "kill":
        return withRun(effect, (record) => world.driver.kill(record));
      case "watch":
        return world.probes.watch(idOf(effect), (probe, ok, detail) =>
          dispatch({ type: "probe", ...idOf(effect), probe, ok, detail }),
        );
      case "unwatch":
        return world.probes.unwatch(effect);
      case "set-timer":
        return clocks.set(`${key} ${effect.timer}`, effect.delayMs, () =>
          dispatch({ type: "timer", ...idOf(effect), timer: effect.timer }),
        );
      case "clear-timer":
        return clocks.clear(`${key} ${effect.timer}`);
      case "changed":
        units.set(key, effect.unit);
        world.journal.unit(effect.unit, runs.get(key));
        return world.changed(effect.unit);
      case "gone":
        units.delete(key);
        runs.delete(key);
        clocks.clearAll(key);
        world.probes.unwatch(effect);
        world.journal.gone(effect);
        return world.gone(idOf(effect));
    }
  };

  const generation = (resource: string): number | undefined => {
    const status = statusOf(system, resource);
    return status?.rollout === "failed" ? status.generation : status?.wantedGeneration;
  };

  return {
    dispatch,
    adopt(spec, found, stopped) {
      for (const { unit, run } of found) if (run) runs.set(unitKey({ resource: spec.resource, ...unit }), run);
      dispatch({ type: "desire", spec, found: found.map((each) => each.unit), stopped });
      for (const { unit, run } of found) if (run) follow({ resource: spec.resource, ...unit }, run);
    },
    units: () => [...units.values()],
    runOf: (id) => runs.get(unitKey(id)),
    generation,
    rollout: (resource) => statusOf(system, resource)?.rollout ?? "none",
    serves(resource) {
      const wanted = generation(resource);
      return [...units.values()].some(
        (unit) =>
          unit.resource === resource && unit.generation === wanted && unit.state === "Running" && unit.readyAt !== null,
      );
    },
    verdict: (resource, condition) => conditionOf(system, resource, condition),
    close() {
      closed = true;
      clocks.close();
      world.probes.close();
    },
  };
}

function idOf({ resource, replica, generation }: UnitId): UnitId {
  return { resource, replica, generation };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
