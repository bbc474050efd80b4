import type { DesiredUnitSpec, Exit, Unit, UnitId } from "@caisson/core/run";
import { vi } from "vitest";
import type { Driver, RunRecord } from "../../drivers/driver.ts";
import { memoryDriver, memoryHost, type MemoryHost } from "../../drivers/memory/memory-driver.ts";
import { createEngine, type Engine } from "../engine.ts";
import { unitKey } from "../unit-key.ts";

/** An engine over the in-memory driver, with scripted probes and a clock that the test moves. */
export interface EngineWorld {
  readonly engine: Engine;
  readonly host: MemoryHost;
  /** What happened, in order: `spawn web/0/1`, `state web/0/1 Running`, `gone web/0/1`. */
  readonly log: string[];
  /** What is written down: units by key, with the marker of their run. */
  readonly journal: Map<string, { readonly unit: Unit; readonly run: RunRecord | undefined }>;
  /** Of a resource (`web`) or one generation of it (`web/2`): what its programs do from their next start on. */
  behave(what: string, ...argv: readonly string[]): void;
  /** From now on starts of the resource wait for the returned function: it lets them go on, or fail. */
  holdStart(resource: string): (error?: Error) => void;
  /** The answer of a probe of the newest watched unit; also where nothing watches any more, as a late answer would come. */
  probe(resource: string, probe: "ready" | "live", ok: boolean, detail?: string): Promise<void>;
  crash(resource: string, exit?: Partial<Exit>): Promise<void>;
  /** From now on signals reach nobody and this is their answer; `undefined`: they arrive again. */
  silence(answer: (() => Promise<never>) | undefined): void;
  /** Lets time pass; 0 lets what is due happen. */
  pass(ms?: number): Promise<void>;
  unit(key: string): Unit | undefined;
  /** `web/0/1 Running Ready`, one line a unit. */
  picture(): string[];
  /** Programs that run, as `web/0/1`. */
  running(): string[];
  /** A later agent on the same host: the engine is closed, what runs goes on. */
  next(): EngineWorld;
}

/** The caller has `vi.useFakeTimers()`. */
export function engineWorld(host: MemoryHost = memoryHost()): EngineWorld {
  const memory = memoryDriver(host);
  let silent: (() => Promise<never>) | undefined;
  const heard = (act: () => Promise<void>): Promise<void> => (silent ?? act)();
  const driver: Driver = {
    ...memory,
    signal: (record, signal) => heard(() => memory.signal(record, signal)),
    kill: (record) => heard(() => memory.kill(record)),
  };
  const behaviours = new Map<string, readonly string[]>();
  const held = new Map<string, Promise<void>>();
  const tells = new Map<string, (probe: "ready" | "live", ok: boolean, detail: string) => void>();
  const journal: EngineWorld["journal"] = new Map();
  const log: string[] = [];
  const units = (): readonly Unit[] => engine.units();

  const start = async (id: UnitId): Promise<RunRecord> => {
    const key = unitKey(id);
    log.push(`spawn ${key}`);
    await held.get(id.resource);
    const argv = behaviours.get(`${id.resource}/${id.generation}`) ?? behaviours.get(id.resource) ?? ["serve"];
    const alive = runsOf(host).find((each) => each === key);
    if (alive !== undefined) throw new Error(`a second copy of ${key}`);
    const marker = `engine/${key}/${host.runs.size}`;
    return driver.spawn(id, { argv, env: {}, cwd: "/", runFolder: "/", logFile: "/", marker, limits: {} });
  };
  const engine = createEngine({
    driver,
    start,
    probes: {
      watch: (id, tell) => void tells.set(unitKey(id), tell),
      unwatch: (id) => void log.push(`unwatch ${unitKey(id)}`),
      close: () => void log.push("probes closed"),
    },
    now: () => performance.now(),
    random: () => 0,
    journal: {
      unit: (unit, run) => void journal.set(unitKey(unit), { unit, run }),
      gone: (id) => void journal.delete(unitKey(id)),
    },
    changed: (unit) => void log.push(`state ${unitKey(unit)} ${unit.state}`),
    gone: (id) => void log.push(`gone ${unitKey(id)}`),
    report: (id, message) => void log.push(`report ${unitKey(id)} ${message}`),
  });
  const pass = async (ms = 0): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms));
  return {
    engine,
    host,
    log,
    journal,
    behave: (what, ...argv) => void behaviours.set(what, argv),
    holdStart(resource) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      promise.catch(() => {}); // seen by whoever waits in `start`
      held.set(resource, promise);
      return (error) => {
        held.delete(resource);
        if (error) reject(error);
        else resolve();
      };
    },
    async probe(resource, probe, ok, detail = "") {
      const key = [...tells.keys()].findLast((each) => each.startsWith(`${resource}/`) || each === resource);
      tells.get(key ?? "")?.(probe, ok, detail);
      await pass();
    },
    async crash(resource, exit = {}) {
      for (const run of host.runs.values()) {
        if (run.exit === undefined && keyOf(run.marker).startsWith(`${resource}/`))
          host.crash(run.marker, { code: 1, signal: null, oom: false, ...exit });
      }
      await pass();
    },
    silence: (answer) => void (silent = answer),
    pass,
    unit: (key) => units().find((unit) => unitKey(unit) === key),
    picture: () =>
      units().map((unit) => `${unitKey(unit)} ${unit.state}${unit.health === "Unknown" ? "" : ` ${unit.health}`}`),
    running: () => runsOf(host),
    next() {
      engine.close();
      return engineWorld(host);
    },
  };
}

/** A service with a readiness probe, but for what a test says otherwise. */
export function spec(resource: string, change: Partial<DesiredUnitSpec> = {}): DesiredUnitSpec {
  return {
    resource,
    generation: 1,
    kind: "service",
    replicas: 1,
    restart: { policy: "always", delayMs: 100, maxDelayMs: 1600, resetAfterMs: 10_000, crashLoopAfter: 4 },
    stop: { signal: "SIGTERM", graceMs: 5000 },
    probed: true,
    needs: [],
    replace: "stop-first",
    readyWithinMs: 60_000,
    ...change,
  };
}

function runsOf(host: MemoryHost): string[] {
  return [...host.runs.values()].filter((run) => run.exit === undefined).map((run) => keyOf(run.marker));
}

/** `engine/web/0/1/7` -> `web/0/1`. */
function keyOf(marker: string): string {
  return marker.split("/").slice(1, 4).join("/");
}
