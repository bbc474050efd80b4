import fc from "fast-check";
import type { DesiredUnitSpec, Exit, Unit } from "../lifecycle-types.ts";
import { statusOf } from "../lifecycle/status.ts";
import { healthy, keyOf, specOf, type Behaviour } from "./spec.ts";
import { createWorld, type World } from "./world.ts";

/** A stack to be, what is done to it, and how long everything takes. */
export interface Scenario {
  readonly resources: readonly ResourcePlan[];
  readonly steps: readonly Step[];
  readonly delays: readonly number[];
}

interface ResourcePlan {
  readonly kind: "service" | "job";
  readonly policy: "always" | "on-failure" | "no";
  readonly probed: boolean;
  /** Indices of earlier resources, and whether they must be healthy (a job: completed) or have started only. */
  readonly needs: readonly (readonly [index: number, strict: boolean])[];
}

type Step = readonly [op: keyof typeof operations, resource: number, number: number];

/** Scenarios over four resources; later ones may need earlier ones. */
export function scenarios(): fc.Arbitrary<Scenario> {
  const resource = (index: number): fc.Arbitrary<ResourcePlan> =>
    fc.record({
      kind: index === 1 ? fc.constant("job") : fc.constant("service"),
      policy: fc.constantFrom("always", "always", "on-failure", "no"),
      probed: fc.boolean(),
      needs:
        index === 0
          ? fc.constant([])
          : fc.uniqueArray(fc.tuple(fc.nat(index - 1), fc.boolean()), { maxLength: 2, selector: ([each]) => each }),
    });
  const names = Object.keys(operations) as (keyof typeof operations)[];
  const weighted = names.flatMap((name) => Array.from({ length: weights[name] ?? 2 }, () => name));
  return fc.record({
    resources: fc.tuple(resource(0), resource(1), resource(2), resource(3)),
    steps: fc.array(fc.tuple(fc.constantFrom(...weighted), fc.nat(3), fc.nat(1000)), { minLength: 1, maxLength: 24 }),
    delays: fc.array(fc.nat(120), { minLength: 1, maxLength: 12 }),
  });
}

/** Plays a scenario on a world that checks every step, then brings it to rest with healthy programs, then down. */
export function play(scenario: Scenario): World {
  const stage: Stage = { scenario, world: createWorld(scenario.delays), generations: [0, 0, 0, 0], specs: new Map() };
  for (const index of scenario.resources.keys()) operations.advance(stage, index, 1);
  for (const [op, resource, number] of scenario.steps) operations[op](stage, resource, number);
  const wasDown = stage.world.system.mode !== "up";
  if (!wasDown) recover(stage);
  stage.world.send({ type: "down", at: 0, force: false });
  stage.world.settle(60_000);
  expectEnded(stage.world);
  return stage.world;
}

interface Stage {
  readonly scenario: Scenario;
  readonly world: World;
  readonly generations: number[];
  readonly specs: Map<string, DesiredUnitSpec>;
}

const behaviours: readonly Behaviour[] = [
  healthy,
  healthy,
  healthy,
  { ...healthy, ready: false },
  { ...healthy, exits: 1 },
  { ...healthy, exits: 0 },
  { ...healthy, exits: 125 },
  { ...healthy, spawns: false },
  { ...healthy, ignoresSignals: true },
];
const exits: readonly Exit[] = [
  { code: 1, signal: null, oom: false },
  { code: 0, signal: null, oom: false },
  { code: null, signal: "SIGKILL", oom: true },
  { code: 125, signal: null, oom: false },
];

const weights: Partial<Record<keyof typeof operations, number>> = { pass: 8, advance: 5, scale: 3, down: 1, kill: 1 };

const operations = {
  /** A new generation, of whatever behaviour. */
  advance(stage: Stage, index: number, number: number): void {
    const generation = (stage.generations[index] ?? 0) + 1;
    stage.generations[index] = generation;
    const replicas = (number % 3) + (number % 7 === 0 ? 0 : 1);
    const spec = specAt(stage, index, generation, replicas, number % 2 === 0, number % 11 === 0);
    stage.specs.set(spec.resource, spec);
    stage.world.behave(spec.resource, generation, behaviours[number % behaviours.length] ?? healthy);
    stage.world.send({ type: "desire", at: 0, spec });
  },
  /** A restart of what serves: the same spec as a new generation, beside the old one. */
  rollOver(stage: Stage, index: number, number: number): void {
    const spec = stage.specs.get(nameOf(index));
    if (!spec || spec.kind === "job") return;
    const generation = (stage.generations[index] ?? 0) + 1;
    stage.generations[index] = generation;
    const next = { ...spec, generation, replace: "start-first" } as const;
    stage.specs.set(spec.resource, next);
    stage.world.behave(spec.resource, generation, behaviours[number % behaviours.length] ?? healthy);
    stage.world.send({ type: "desire", at: 0, spec: next });
  },
  scale(stage: Stage, index: number, number: number): void {
    const spec = stage.specs.get(nameOf(index));
    if (!spec) return;
    const scaled = { ...spec, replicas: spec.kind === "job" ? 1 : number % 4 };
    stage.specs.set(spec.resource, scaled);
    stage.world.send({ type: "desire", at: 0, spec: scaled });
  },
  stop: ({ world }: Stage, index: number) => void world.send({ type: "stop", at: 0, resource: nameOf(index) }),
  start: ({ world }: Stage, index: number) => void world.send({ type: "start", at: 0, resource: nameOf(index) }),
  restart: ({ world }: Stage, index: number) => void world.send({ type: "restart", at: 0, resource: nameOf(index) }),
  remove: ({ world }: Stage, index: number) => void world.send({ type: "remove", at: 0, resource: nameOf(index) }),
  crash: ({ world }: Stage, index: number, number: number) =>
    world.crash(nameOf(index), exits[number % exits.length] ?? { code: 2, signal: null, oom: false }),
  unready: ({ world }: Stage, index: number, number: number) => world.probe(nameOf(index), "ready", number % 2 === 0),
  hang: ({ world }: Stage, index: number) => world.probe(nameOf(index), "live", false),
  behave: (stage: Stage, index: number, number: number) =>
    stage.world.behave(nameOf(index), stage.generations[index] ?? 1, behaviours[number % behaviours.length] ?? healthy),
  pass: ({ world }: Stage, _index: number, number: number) => world.pass(number * 3),
  /** Events of a unit that is not, or whose run is over: nothing may come of them. */
  stale({ world, generations }: Stage, index: number, number: number): void {
    const over = [...world.units.values()].filter(({ state }) => !["Starting", "Running", "Stopping"].includes(state));
    const nobody = { resource: nameOf(index), replica: number % 3, generation: (generations[index] ?? 0) + 5 };
    const { resource, replica, generation } = over[number % (over.length + 1)] ?? nobody;
    const id = { resource, replica, generation };
    const before = world.system;
    const events = [
      { type: "spawned", at: 0, ...id },
      { type: "spawn-failed", at: 0, reason: "no", ...id },
      { type: "exited", at: 0, exit: { code: 1, signal: null, oom: false }, ...id },
      { type: "probe", at: 0, probe: "live", ok: false, detail: "", ...id },
      { type: "probe", at: 0, probe: "ready", ok: true, detail: "", ...id },
      { type: "timer", at: 0, timer: "grace", ...id },
      { type: "timer", at: 0, timer: "stable", ...id },
    ] as const;
    for (const event of events)
      if (world.send(event).length > 0 || world.system !== before) throw new Error(`a stale ${event.type} had effects`);
  },
  /** A plan that came too late. */
  goBack(stage: Stage, index: number, number: number): void {
    const { world } = stage;
    const generation = (stage.generations[index] ?? 1) - 1 - (number % 2);
    const status = statusOf(world.system, nameOf(index));
    // After a failed rollout the generation that was kept may be wanted again; anything else is stale.
    if (generation < 1 || !status || status.rollout === "failed" || status.wantedGeneration <= generation) return;
    const before = world.system;
    const stale = specAt(stage, index, generation, 1, false);
    if (world.send({ type: "desire", at: 0, spec: stale }).length > 0 || world.system !== before)
      throw new Error("a stale plan had effects");
  },
  down: ({ world }: Stage) => void world.send({ type: "down", at: 0, force: false }),
  kill: ({ world }: Stage) => void world.send({ type: "down", at: 0, force: true }),
};

/** A need that later resources have of earlier ones, turned round: between two generations that may make a circle. */
function crossed(index: number): readonly (readonly [number, boolean])[] {
  return index < 2 ? [[index + 2, true]] : [];
}

function specAt(
  stage: Stage,
  index: number,
  generation: number,
  replicas: number,
  beside: boolean,
  crossing = false,
): DesiredUnitSpec {
  const plan = stage.scenario.resources[index];
  if (!plan) throw new Error(`no resource ${index}`);
  const base = specOf(nameOf(index), { kind: plan.kind });
  const kindOf = (each: number): string | undefined => stage.scenario.resources[each]?.kind;
  return {
    ...base,
    generation,
    replicas: plan.kind === "job" ? 1 : replicas,
    probed: plan.kind === "service" && plan.probed,
    restart: { ...base.restart, policy: plan.kind === "job" ? "on-failure" : plan.policy },
    replace: beside && plan.kind === "service" ? "start-first" : "stop-first",
    needs: [...plan.needs, ...(crossing ? crossed(index) : [])].map(([each, strict]) => ({
      resource: nameOf(each),
      condition: !strict ? "started" : kindOf(each) === "job" ? "completed" : "healthy",
    })),
  };
}

/** With every program healthy and everything wanted once more, what is there is what is wanted. */
function recover(stage: Stage): void {
  const { world, generations, specs } = stage;
  for (const [index, last] of generations.entries())
    for (let generation = 1; generation <= last; generation++) world.behave(nameOf(index), generation, healthy);
  world.settle(60_000);
  for (const spec of specs.values()) {
    const index = [0, 1, 2, 3].find((each) => nameOf(each) === spec.resource) ?? 0;
    const { needs } = specAt(stage, index, spec.generation, 1, false);
    const wanted = { ...spec, needs, replicas: Math.max(1, spec.replicas) };
    specs.set(spec.resource, wanted);
    world.send({ type: "desire", at: 0, spec: wanted });
  }
  world.settle(60_000);
  const expected = [...specs.values()].flatMap((spec) =>
    Array.from({ length: spec.replicas }, (_, replica) => keyOf({ ...spec, replica })),
  );
  const wrong = [...world.units.values()].filter((unit) => !isWell(unit, specs.get(unit.resource)));
  if (wrong.length > 0) throw new Error(`not well at rest: ${wrong.map(describe).join("; ")}`);
  const actual = [...world.units.keys()];
  if (expected.sort().join(" ") !== actual.sort().join(" "))
    throw new Error(`expected ${expected.join(" ")} at rest, got ${actual.join(" ")}`);
}

function isWell({ state, health }: Unit, spec: DesiredUnitSpec | undefined): boolean {
  return spec?.kind === "job" ? state === "Completed" : state === "Running" && health === "Ready";
}

function expectEnded(world: World): void {
  const left = [...world.units.values()].filter(({ state }) => !["Exited", "Completed", "Failed"].includes(state));
  if (left.length > 0 || world.processes.size > 0) throw new Error(`left after down: ${left.map(describe).join("; ")}`);
}

function describe(unit: Unit): string {
  return `${keyOf(unit)} ${unit.state} ${unit.health} (${unit.detail})`;
}

function nameOf(index: number): string {
  return ["store", "migrate", "gateway", "worker"][index] ?? "other";
}
