import { emptySystem, reduce } from "../lifecycle.ts";
import type { System } from "../lifecycle/system.ts";
import type { DesiredUnitSpec, Effect, Exit, LifecycleEvent, Unit, UnitId } from "../lifecycle-types.ts";
import { createRules, type Rules } from "./rules.ts";

/** How a program behaves, in this world. */
export interface Behaviour {
  readonly spawns: boolean;
  /** Answers its readiness probe with yes. */
  readonly ready: boolean;
  /** Ends by itself with this code a while after its start; `null` = runs on. */
  readonly exits: number | null;
  readonly ignoresSignals: boolean;
}

/** A program as it should be: a service runs on and is ready, a job ends with 0. */
export const healthy: Behaviour = { spawns: true, ready: true, exits: null, ignoresSignals: false };

/** A process, from the call of `spawn` until its end was told. */
export interface Process extends UnitId {
  answered: boolean;
  ending: boolean;
}

/** What is under way to the reducer, and when it arrives. */
interface Pending {
  readonly due: number;
  readonly event: LifecycleEvent;
  /** A probe's answer or an end is void when its process is no more. */
  readonly process?: Process;
}

/** A machine that runs units, makes time pass, and checks every step of the reducer against the rules. */
export interface World {
  readonly system: System;
  readonly now: number;
  readonly processes: ReadonlyMap<string, Process>;
  readonly units: ReadonlyMap<string, Unit>;
  readonly log: readonly string[];
  send(event: LifecycleEvent): readonly Effect[];
  behave(resource: string, generation: number, behaviour: Behaviour): void;
  crash(resource: string, exit: Exit): void;
  /** A process that an earlier engine started. */
  run(id: UnitId): void;
  probe(resource: string, probe: "ready" | "live", ok: boolean): void;
  /** Lets time pass; everything that falls due is delivered in order. */
  pass(ms: number): void;
  /** Delivers everything until nothing but `stable` timers is left, at most `limitMs` from now. */
  settle(limitMs: number): void;
}

/** `delays` are drawn in turn for whatever takes time, so that a list of numbers is a schedule. */
export function createWorld(delays: readonly number[]): World {
  let system: System = emptySystem;
  let now = 0;
  let drawn = 0;
  let pending: Pending[] = [];
  const behaviours = new Map<string, Behaviour>();
  const processes = new Map<string, Process>();
  const watched = new Set<string>();
  const units = new Map<string, Unit>();
  const timers = new Map<string, Pending>();
  const log: string[] = [];
  const rules: Rules = createRules({ processes, units, watched, timers });

  const delay = (): number => delays[drawn++ % delays.length] ?? 1;
  const random = (): number => (delay() % 100) / 100;
  const behaviourOf = ({ resource, generation }: UnitId): Behaviour =>
    behaviours.get(`${resource}/${generation}`) ?? healthy;
  const later = (event: LifecycleEvent, process?: Process): void => {
    pending.push({ due: now + delay(), event, ...(process && { process }) });
  };
  const end = (process: Process, exit: Exit): void => {
    if (process.ending) return;
    process.ending = true;
    later({ type: "exited", at: 0, exit, random: random(), ...idOf(process) }, process);
  };

  const spawn = (id: UnitId): void => {
    const process: Process = { ...idOf(id), answered: false, ending: false };
    processes.set(keyOf(id), process);
    if (behaviourOf(id).spawns) later({ type: "spawned", at: 0, ...idOf(id) }, process);
    else later({ type: "spawn-failed", at: 0, reason: "no such program", random: random(), ...idOf(id) }, process);
  };
  const started = (process: Process): void => {
    process.answered = true;
    const spec = rules.specOf(process);
    const job = spec?.kind === "job" || spec?.kind === "schedule";
    const { exits } = behaviourOf(process);
    if (exits !== null || job) end(process, { code: exits ?? 0, signal: null, oom: false });
  };
  /** A watcher tells changes only, so one answer a change of behaviour is enough. */
  const probeNow = (id: UnitId): void => {
    const process = processes.get(keyOf(id));
    if (process) later({ type: "probe", at: 0, probe: "ready", ok: true, detail: "200", ...idOf(id) }, process);
  };

  const carryOut = (effect: Effect): void => {
    const key = keyOf(effect);
    const process = processes.get(key);
    switch (effect.type) {
      case "spawn":
        return spawn(effect);
      case "signal":
        // A signal that meets a spawn under way is lost, as the contract allows.
        if (process?.answered && !behaviourOf(effect).ignoresSignals) end(process, byPolitely);
        return;
      case "kill":
        if (process?.answered) end(process, byForce);
        return;
      case "watch":
        watched.add(key);
        return probeNow(effect);
      case "unwatch":
        watched.delete(key);
        return;
      case "set-timer": {
        const event = { type: "timer", at: 0, timer: effect.timer, ...idOf(effect) } as const;
        timers.set(`${key} ${effect.timer}`, { due: now + effect.delayMs, event });
        return;
      }
      case "clear-timer":
        timers.delete(`${key} ${effect.timer}`);
        return;
      case "changed":
        units.set(key, effect.unit);
        return;
      case "gone":
        units.delete(key);
        return;
    }
  };

  const send = (event: LifecycleEvent): readonly Effect[] => {
    const timed = { ...event, at: now };
    log.push(words(timed));
    rules.before(timed);
    const result = reduce(system, timed);
    for (const effect of result.effects) {
      log.push(`    ${words(effect)}`);
      rules.effect(effect, now);
      carryOut(effect);
    }
    rules.after(system, result.system, timed);
    system = result.system;
    return result.effects;
  };

  const deliver = (next: Pending): void => {
    const { process, event } = next;
    if (process && processes.get(keyOf(process)) !== process) return;
    if (process && (event.type === "exited" || event.type === "spawn-failed")) {
      processes.delete(keyOf(process));
      watched.delete(keyOf(process));
    }
    if (event.type === "probe" && (process?.ending === true || !watched.has(keyOf(event)))) return;
    if (process && event.type === "spawned") started(process);
    // The answer is the one of this moment, not of the moment it was asked for.
    if (event.type === "probe" && !behaviourOf(event).ready) send({ ...event, ok: false, detail: "503 not yet" });
    else send(event);
  };

  /** The next thing that falls due by `until`; among equals what came first. */
  const takeNext = (until: number, ignore: (timer: Pending) => boolean): Pending | undefined => {
    let best: Pending | undefined;
    for (const each of pending) if (each.due <= until && (!best || each.due < best.due)) best = each;
    let timer: string | undefined;
    for (const [key, each] of timers)
      if (each.due <= until && !ignore(each) && (!best || each.due < best.due)) [best, timer] = [each, key];
    if (timer !== undefined) timers.delete(timer);
    else if (best) pending = pending.filter((each) => each !== best);
    return best;
  };
  const run = (until: number, ignore: (timer: Pending) => boolean): void => {
    for (let steps = 0, next = takeNext(until, ignore); next; next = takeNext(until, ignore)) {
      if (++steps > 20_000) throw new Error("the world does not come to rest");
      now = Math.max(now, next.due);
      deliver(next);
    }
  };

  return {
    get system() {
      return system;
    },
    get now() {
      return now;
    },
    processes,
    units,
    log,
    send,
    behave(resource, generation, behaviour) {
      behaviours.set(`${resource}/${generation}`, behaviour);
      for (const process of processes.values())
        if (process.resource === resource && process.generation === generation && watched.has(keyOf(process)))
          probeNow(process);
    },
    run(id) {
      processes.set(keyOf(id), { ...idOf(id), answered: true, ending: false });
    },
    crash(resource, exit) {
      const process = [...processes.values()].find((each) => each.resource === resource && each.answered);
      if (process) end(process, exit);
    },
    probe(resource, probe, ok) {
      const process = [...processes.values()].find((each) => each.resource === resource && watched.has(keyOf(each)));
      if (process && !process.ending)
        send({ type: "probe", at: 0, probe, ok, detail: ok ? "200" : "no answer within 1 s", ...idOf(process) });
    },
    pass(ms) {
      const until = now + ms;
      run(until, () => false);
      now = until;
    },
    settle(limitMs) {
      run(now + limitMs, ({ event }) => event.type === "timer" && event.timer === "stable");
    },
  };
}

/** `web/0/3`. */
export function keyOf({ resource, replica, generation }: UnitId): string {
  return `${resource}/${replica}/${generation}`;
}

/** A spec with short times: backoff 100 ms to 1 s, grace 300 ms, crash loop after 3. */
export function specOf(resource: string, rest: Partial<DesiredUnitSpec> = {}): DesiredUnitSpec {
  const kind = rest.kind ?? "service";
  return {
    resource,
    generation: 1,
    kind,
    replicas: 1,
    restart: {
      policy: kind === "job" ? "on-failure" : "always",
      delayMs: 100,
      maxDelayMs: 1000,
      resetAfterMs: 2000,
      crashLoopAfter: 3,
    },
    stop: { signal: "SIGTERM", graceMs: 300 },
    probed: kind !== "job",
    needs: [],
    replace: "stop-first",
    readyWithinMs: 1500,
    ...rest,
  };
}

const byPolitely: Exit = { code: 0, signal: null, oom: false };
const byForce: Exit = { code: null, signal: "SIGKILL", oom: false };

function idOf({ resource, replica, generation }: UnitId): UnitId {
  return { resource, replica, generation };
}

function words(what: LifecycleEvent | Effect): string {
  if (what.type === "desire") return `desire ${what.spec.resource}/${what.spec.generation} x ${what.spec.replicas}`;
  if (what.type === "changed")
    return `${keyOf(what)} ${what.unit.state} ${what.unit.health}${what.unit.detail && `: ${what.unit.detail}`}`;
  const {
    type,
    at: _at,
    random: _random,
    resource,
    replica,
    generation,
    ...rest
  } = {
    at: 0,
    random: 0,
    resource: "",
    replica: 0,
    generation: 0,
    ...what,
  };
  const unit = "replica" in what ? keyOf({ resource, replica, generation }) : resource;
  const more = Object.values(rest).map((each) => (typeof each === "object" ? JSON.stringify(each) : String(each)));
  return [type, unit, ...more].filter((each) => each !== "").join(" ");
}
