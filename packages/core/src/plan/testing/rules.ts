import type { System } from "../lifecycle/system.ts";
import type { DesiredUnitSpec, Effect, LifecycleEvent, Unit, UnitId } from "../lifecycle-types.ts";
import { keyOf } from "./spec.ts";

/** What the rules look at: the truth of the simulated machine, and what the reducer said. */
interface Facts {
  readonly processes: ReadonlyMap<string, UnitId>;
  readonly units: ReadonlyMap<string, Unit>;
  readonly watched: ReadonlySet<string>;
  readonly timers: ReadonlyMap<string, unknown>;
}

/** What must hold in every step, whatever happens. Each breach throws with its rule as the message. */
export interface Rules {
  before(event: LifecycleEvent): void;
  effect(effect: Effect, now: number): void;
  after(before: System, after: System, event: LifecycleEvent): void;
  specOf(id: UnitId): DesiredUnitSpec | undefined;
}

/** The rules, with a model of their own of what people asked for: it shares nothing with the reducer. */
export function createRules({ processes, units, watched, timers }: Facts): Rules {
  const specs = new Map<string, DesiredUnitSpec>();
  const newest = new Map<string, DesiredUnitSpec>();
  const wanted = new Map<string, "run" | "stop" | "remove">();
  const succeeded = new Set<string>();
  let down: "no" | "orderly" | "forced" = "no";

  const specOf = ({ resource, generation }: UnitId): DesiredUnitSpec | undefined =>
    specs.get(`${resource}/${generation}`);
  const liveOf = (resource: string): UnitId[] => [...processes.values()].filter((each) => each.resource === resource);
  const must = (ok: boolean, rule: string, about: UnitId): void => {
    if (!ok) throw new Error(`${rule}: ${keyOf(about)}`);
  };

  /** Whether `from` needs `to`, in any generation, all the way down: then there is no order between them. */
  const reaches = (from: string, to: string): boolean => {
    const names = new Set([from]);
    for (const name of names)
      for (const spec of specs.values())
        if (spec.resource === name) for (const need of spec.needs) names.add(need.resource);
    return names.has(to);
  };

  const onSpawn = (id: UnitId): void => {
    const key = keyOf(id);
    const spec = specOf(id);
    must(!processes.has(key), "at most one live unit per resource, replica and generation", id);
    must(down === "no", "nothing is started after down", id);
    must(wanted.get(id.resource) === "run", "what was stopped or removed is not started", id);
    must(!succeeded.has(key), "a job's success is not run again", id);
    // The newest generation says how the others give way.
    if (newest.get(id.resource)?.replace === "stop-first")
      must(
        liveOf(id.resource).every((each) => each.generation === id.generation),
        "stop-first: never two generations",
        id,
      );
    for (const need of spec?.needs ?? [])
      must(
        newest.get(need.resource)?.kind === "external" ||
          [...units.values()].some(
            (each) =>
              each.resource === need.resource &&
              (each.state === "Completed" ||
                (need.condition === "started" && each.state === "Running") ||
                (need.condition === "healthy" && each.health === "Ready")),
          ),
        `started before ${need.resource} was ${need.condition}`,
        id,
      );
  };

  /** Ready, or ended by itself: nothing more is to come of it. */
  const hasArrived = ({ state, health }: Unit): boolean =>
    health === "Ready" || state === "Exited" || state === "Failed" || state === "Completed";

  const onReplaced = (id: UnitId): void => {
    const spec = newest.get(id.resource);
    const unit = units.get(keyOf(id));
    if (down !== "no" || wanted.get(id.resource) !== "run" || spec?.replace !== "start-first") return;
    if (unit?.stopReason !== "replaced" || unit.readyAt === null || id.replica >= spec.replicas) return;
    must(
      [...units.values()].some(
        (each) =>
          each.resource === id.resource &&
          each.replica === id.replica &&
          each.generation !== id.generation &&
          hasArrived(each),
      ),
      "start-first: what serves goes only when another generation of it is there",
      id,
    );
  };

  const onEnd = (id: UnitId, what: string): void => {
    must(processes.has(keyOf(id)), `${what} of what does not run`, id);
    if (what === "signal") onReplaced(id);
    if (down !== "orderly") return;
    for (const process of processes.values())
      must(
        process.resource === id.resource ||
          !specOf(process)?.needs.some((need) => need.resource === id.resource) ||
          units.get(keyOf(id))?.stopReason !== "asked" ||
          alreadyStopping.has(keyOf(id)) ||
          reaches(id.resource, process.resource),
        `stopped before ${keyOf(process)}, which needs it`,
        id,
      );
  };
  /** What stopped before `down` was said goes on stopping. */
  const alreadyStopping = new Set<string>();

  const onBackoff = (id: UnitId, delayMs: number, now: number): void => {
    const { restart } = specOf(id) ?? {};
    const unit = units.get(keyOf(id));
    if (!restart || !unit || unit.retryAt === null || unit.retryAt - now < delayMs) return;
    const full =
      unit.crashes >= restart.crashLoopAfter
        ? restart.maxDelayMs
        : Math.min(restart.maxDelayMs, restart.delayMs * 2 ** (unit.crashes - 1));
    must(delayMs <= full && delayMs >= Math.floor(full * 0.75), `a delay of ${delayMs} ms, expected ${full}`, id);
  };

  return {
    specOf,
    before(event) {
      if (event.type === "desire" && down === "no") {
        const { resource, generation } = event.spec;
        specs.set(`${resource}/${generation}`, event.spec);
        if (generation >= (newest.get(resource)?.generation ?? 0)) {
          newest.set(resource, event.spec);
          wanted.set(resource, event.stopped === true ? "stop" : "run");
        }
      }
      if (event.type === "stop" && wanted.get(event.resource) === "run") wanted.set(event.resource, "stop");
      if ((event.type === "start" || event.type === "restart") && wanted.get(event.resource) === "stop")
        wanted.set(event.resource, "run");
      if (event.type === "remove") wanted.set(event.resource, "remove");
      if (event.type === "restart" || event.type === "remove")
        for (const key of succeeded) if (key.startsWith(`${event.resource}/`)) succeeded.delete(key);
      if (event.type === "down") {
        if (down === "no") for (const [key, unit] of units) if (unit.state === "Stopping") alreadyStopping.add(key);
        down = event.force || down === "forced" ? "forced" : "orderly";
      }
    },
    effect(effect, now) {
      const key = keyOf(effect);
      if (effect.type !== "changed") must(units.has(key), `${effect.type} for a unit that is gone`, effect);
      if (effect.type === "spawn") onSpawn(effect);
      if (effect.type === "signal" || effect.type === "kill") onEnd(effect, effect.type);
      if (effect.type === "set-timer" && effect.timer === "backoff") onBackoff(effect, effect.delayMs, now);
      if (effect.type === "gone") must(!processes.has(key), "forgotten while it runs", effect);
      if (effect.type === "changed" && effect.unit.state === "Completed") succeeded.add(key);
      if (effect.type === "gone") succeeded.delete(key);
    },
    after(before, after, event) {
      const was = "replica" in event ? units.get(keyOf(event)) : undefined;
      if (event.type === "exited" && was?.state === "Exited" && stopping(before, event) && down === "no") {
        const spec = newest.get(event.resource);
        const meant = wanted.get(event.resource) === "run" && spec?.generation === event.generation;
        must(!meant || event.replica >= (spec?.replicas ?? 0), "wanted again, but left ended", event);
      }
      const told = [...units.keys()].sort().join(" ");
      const kept = [...after.resources.values()].flatMap((record) => record.units);
      if (told !== kept.map(keyOf).sort().join(" ")) throw new Error(`what was told (${told}) is not what is kept`);
      for (const unit of kept) {
        const key = keyOf(unit);
        const live = unit.state === "Starting" || unit.state === "Running" || unit.state === "Stopping";
        must(live === processes.has(key), `${unit.state}, but ${live ? "no" : "a"} process`, unit);
        must(unit.state === "Running" || !watched.has(key), `watched while ${unit.state}`, unit);
        const last = units.get(key);
        must(last === unit || JSON.stringify(last) === JSON.stringify(unit), "changed without a word", unit);
        must(
          (unit.retryAt !== null) === timers.has(`${key} backoff`),
          "a retry without its timer, or the reverse",
          unit,
        );
        must(unit.readyBy === null || unit.state === "Waiting" || timers.has(`${key} ready`), "no deadline", unit);
        must(unit.state !== "Stopping" || unit.stopReason !== null, "stops for no reason", unit);
        must(unit.waitingFor.length === 0 || unit.state === "Waiting", "waits while it does not wait", unit);
      }
      for (const key of timers.keys())
        if (!units.has(key.split(" ")[0] ?? "")) throw new Error(`a timer of a unit that is gone: ${key}`);
    },
  };
}

function stopping({ resources }: System, { resource, replica, generation }: UnitId): boolean {
  const units = resources.get(resource)?.units ?? [];
  return units.some((unit) => unit.replica === replica && unit.generation === generation && unit.state === "Stopping");
}
