import type { DesiredUnitSpec, PodDocument, PodMember, State, Unit, UnitId } from "@caisson/core/run";
import { createEngine, type Engine } from "../engine/engine.ts";
import { unitKey } from "../engine/unit-key.ts";
import { unitProbes, type UnitProbeSpecs } from "../probes/unit-probes.ts";
import { childDriver, type Output } from "./child-driver.ts";

/** What a pod's supervisor acts on. */
export interface PodWorld {
  readonly document: PodDocument;
  readonly output: Output;
  /** What every member has in its environment beside its own. */
  readonly env: Readonly<Record<string, string>>;
  /** A sentence about a member, for the log. */
  readonly tell: (sentence: string) => void;
}

/** A pod at work. */
export interface RunningPod {
  /** Why it is not ready, by member; empty: all members are. */
  reasons(): readonly { readonly name: string; readonly detail: string }[];
  /** Stops the members, each after those that need it; `force`: kills them. */
  stop(force: boolean): void;
  /** Resolves when no member is left: 0 when it was stopped, 1 when a member was given up. */
  readonly over: Promise<number>;
}

/** A member in one of these is not coming back by itself, or not soon: the pod is left to whoever runs it. */
const givenUp: ReadonlySet<State> = new Set(["CrashLoop", "Failed", "Exited"]);
const live: ReadonlySet<State> = new Set(["Starting", "Running", "Stopping"]);

/**
 * Runs the members of a pod by the rules that the agent has for what it runs itself: gates, restarts with backoff, orderly
 * stops. A member that is in a crash loop ends them all.
 */
export function supervise({ document: { members }, output, env, tell }: PodWorld): RunningPod {
  const byName = new Map(members.map((each) => [each.name, each]));
  const { promise: over, resolve: end } = Promise.withResolvers<number>();
  const known = new Map<string, State>();
  const driver = childDriver(output);
  let runs = 0;
  let status: number | undefined;

  const engine: Engine = createEngine({
    driver,
    start(id) {
      const { argv, cwd, env: own } = member(id);
      runs += 1;
      return driver.spawn(id, {
        argv,
        env: { ...env, ...own },
        cwd,
        runFolder: "",
        logFile: "",
        marker: `pod-${process.pid}/${unitKey(id)}/${runs}`,
        limits: {},
      });
    },
    probes: unitProbes((id) => probesOf(member(id))),
    now: () => performance.now(),
    random: Math.random,
    journal: { unit: () => undefined, gone: () => undefined },
    changed: (unit) => changed(unit),
    gone: () => undefined,
    report: ({ resource }, message) => tell(`${resource}: ${message}`),
  });

  function member({ resource }: UnitId): PodMember {
    const found = byName.get(resource);
    if (!found) throw new Error(`expected a member of the pod, got ${resource}`);
    return found;
  }

  function changed({ resource, state, detail }: Unit): void {
    if (known.get(resource) !== state) {
      known.set(resource, state);
      tell(`${resource} is ${state}${detail === "" ? "" : `: ${detail}`}`);
    }
    if (status === undefined && givenUp.has(state)) {
      tell(`${resource} is given up, and the pod with it`);
      // Not from within the event that is being handled.
      setImmediate(() => finish(1, false));
    }
    settle();
  }

  function finish(code: number, force: boolean): void {
    status ??= code;
    engine.dispatch({ type: "down", force });
    settle();
  }

  function settle(): void {
    if (status === undefined || engine.units().some((unit) => live.has(unit.state) || engine.runOf(unit))) return;
    engine.close();
    end(status);
  }

  for (const each of members) engine.dispatch({ type: "desire", spec: specOf(each) });
  return {
    reasons: () =>
      members.flatMap(({ name }) => {
        const unit = engine.units().find(({ resource }) => resource === name);
        if (status === undefined && unit?.state === "Running" && unit.health === "Ready") return [];
        const words = `is ${unit?.state ?? "not started"}`;
        return [{ name, detail: unit?.detail ? `${words}, ${unit.detail}` : words }];
      }),
    stop: (force) => finish(0, force),
    over,
  };
}

function specOf({ name, restart, stop, ready, needs }: PodMember): DesiredUnitSpec {
  return {
    resource: name,
    generation: 1,
    kind: "service",
    replicas: 1,
    restart,
    stop,
    probed: ready !== undefined,
    needs,
    replace: "stop-first",
    readyWithinMs: Number.MAX_SAFE_INTEGER,
  };
}

/** Beside it a question costs next to nothing, and the pod's own answer is only as fresh as the last one. */
const mostIntervalMs = 2000;

function probesOf({ ready, live: alive, timing }: PodMember): UnitProbeSpecs {
  return {
    timing: { ...timing, intervalMs: Math.min(timing.intervalMs, mostIntervalMs) },
    ...(ready !== undefined && { ready: { kind: "http", url: ready } }),
    ...(alive !== undefined && { live: { kind: "http", url: alive } }),
  };
}
