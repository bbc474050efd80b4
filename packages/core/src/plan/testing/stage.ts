import type { DesiredUnitSpec, FoundUnit, LifecycleEvent, Unit } from "../lifecycle-types.ts";
import { specOf, type Behaviour } from "./spec.ts";
import { createWorld, type World } from "./world.ts";

/** A world with short orders, for tests that tell one story. Everything takes 1 ms there. */
export interface Stage {
  readonly world: World;
  up(resource: string, rest?: Partial<DesiredUnitSpec>, how?: Partial<Behaviour>): void;
  order(type: "stop" | "start" | "restart" | "remove", resource: string): void;
  down(force?: boolean): void;
  found(resource: string, found: readonly FoundUnit[], rest?: Partial<DesiredUnitSpec>, stopped?: boolean): void;
  event(event: LifecycleEvent): void;
  pass(ms: number): void;
  /** `web/0/1 Running Ready`, one a unit. */
  units(): string[];
  unit(key: string): Unit;
  /** Spawns, signals, kills and farewells since the last call. */
  acts(): string[];
}

const told = /^ {4}(spawn|signal|kill|gone) /;

export function stage(): Stage {
  const world = createWorld([1]);
  let read = 0;
  return {
    world,
    up(resource, rest = {}, how = {}) {
      const spec = specOf(resource, rest);
      world.behave(resource, spec.generation, {
        spawns: true,
        ready: true,
        exits: null,
        ignoresSignals: false,
        ...how,
      });
      world.send({ type: "desire", at: 0, spec });
    },
    order: (type, resource) => void world.send({ type, at: 0, resource }),
    down: (force = false) => void world.send({ type: "down", at: 0, force }),
    found(resource, found, rest = {}, stopped = false) {
      const spec = specOf(resource, rest);
      for (const unit of found) if (unit.state === "Running") world.run({ resource, ...unit });
      world.send({ type: "desire", at: 0, spec, found, stopped });
    },
    event: (event) => void world.send(event),
    pass: (ms) => world.pass(ms),
    units: () => [...world.units].map(([key, { state, health }]) => `${key} ${state} ${health}`).sort(),
    unit(key) {
      const unit = world.units.get(key);
      if (!unit) throw new Error(`no unit ${key}`);
      return unit;
    },
    acts() {
      const lines = world.log.slice(read).filter((line) => told.test(line));
      read = world.log.length;
      return lines.map((line) => line.trim());
    },
  };
}
