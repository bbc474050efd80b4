import { emptySystem, reduce } from "../lifecycle.ts";
import type { System } from "../lifecycle/system.ts";
import type { Effect, Exit, LifecycleEvent, Unit, UnitId } from "../lifecycle-types.ts";
import { idOf } from "../lifecycle/system.ts";
import { createQueue, type Pending } from "./queue.ts";
import { createRules, type Rules } from "./rules.ts";
import { healthy, keyOf, type Behaviour } from "./spec.ts";
import { words } from "./words.ts";

/** A process, from the call of `spawn` until its end was told. */
export interface Process extends UnitId {
  answered: boolean;
  ending: boolean;
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
  const queue = createQueue();
  const behaviours = new Map<string, Behaviour>();
  const processes = new Map<string, Process>();
  const watched = new Set<string>();
  const units = new Map<string, Unit>();
  const log: (LifecycleEvent | Effect)[] = [];
  const rules: Rules = createRules({ processes, units, watched, timers: queue.timers });

  const delay = (): number => delays[drawn++ % delays.length] ?? 1;
  const random = (): number => (delay() % 100) / 100;
  const behaviourOf = ({ resource, generation }: UnitId): Behaviour =>
    behaviours.get(`${resource}/${generation}`) ?? healthy;
  const later = (event: LifecycleEvent, process?: Process): void => {
    queue.add({ due: now + delay(), event, ...(process && { process }) });
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
      case "set-timer":
        return queue.setTimer(effect, effect.timer, now + effect.delayMs);
      case "clear-timer":
        return queue.clearTimer(effect, effect.timer);
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
    log.push(timed);
    rules.before(timed);
    const result = reduce(system, timed);
    for (const effect of result.effects) {
      log.push(effect);
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

  const run = (until: number, ignoreStable: boolean): void => {
    let steps = 0;
    for (let next = queue.next(until, ignoreStable); next; next = queue.next(until, ignoreStable)) {
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
    // Put into words when somebody reads it: most worlds are never looked at.
    get log() {
      return log.map((each) => `${"at" in each ? "" : "    "}${words(each)}`);
    },
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
      run(until, false);
      now = until;
    },
    settle(limitMs) {
      run(now + limitMs, true);
    },
  };
}

const byPolitely: Exit = { code: 0, signal: null, oom: false };
const byForce: Exit = { code: null, signal: "SIGKILL", oom: false };
