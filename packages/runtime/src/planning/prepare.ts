import {
  CaissonError,
  checkCapacity,
  formatPlan,
  reconcile,
  dropResources,
  endOfLifeWarnings,
  throwProblems,
  type DesiredResource,
  type Expression,
  type Launch,
  type ResolvedStack,
  type Resource,
  type Skipped,
} from "@caisson/core/run";
import type { UpRequest } from "../agent/protocol.ts";
import type { GenerationRecord } from "../agent/records.ts";
import type { Binding } from "../providers/bind.ts";
import { requireSupplied } from "../secrets/require-supplied.ts";
import { closure, needsByResource } from "./gates.ts";
import { identityOf } from "./identity.ts";
import { oneReplica } from "./one-replica.ts";
import type { Planner } from "./planner.ts";
import type { PlanningWorld } from "./world.ts";

/** Plans in one pass: bind, drop what the host cannot run, settle ports and secrets, hash, observe, reconcile. */
export function planner(world: PlanningWorld): Planner {
  return {
    async prepare(request, { dryRun }) {
      const possible = world.launches(request.stack, request.programs);
      const asked = wantedOf(request, request.stack);
      const concerns = (name: string): boolean => asked?.has(name) ?? true;
      await world.refresh(new Map([...possible].filter(([name]) => concerns(name))), dryRun);
      const { bindings, unavailable, absent } = bindAll(world, request.stack, possible, dryRun, concerns);
      const stack = dropResources(request.stack, unavailable);
      const notes = unavailable.map(({ name, reason }) => `${name} is left out: ${reason}`);
      notes.push(...capacity(world, request, stack));
      // Of a program of the host, the system's own keepers tell.
      if (world.inContainers) notes.push(...endOfLifeWarnings(stack.resources, world.today()));
      requireSupplied("the stack", world.missingSecrets(stack.resources.filter(({ name }) => concerns(name))));
      const byName = new Map(stack.resources.map((resource) => [resource.name, resource]));
      const launches = world.launches(stack, request.programs);
      refuseReplicas(world, stack, launches);
      notes.push(...(await world.settlePorts(stack.resources, launches, dryRun)));
      if (!dryRun) await world.makeSecrets(stack.resources);
      await world.checkCertificates(stack.resources);

      const needs = needsByResource(stack.edges);
      const wanted = wantedOf(request, stack);
      const optionals = optionalsByResource(stack, byName);
      const next = new Map<string, GenerationRecord>();
      const desired: DesiredResource[] = [];
      for (const resource of stack.resources) {
        if (absent.has(resource.name)) continue;
        const record = {
          ...generationOf(world, request, resource, launches, bindings, needs),
          optionals: optionals.get(resource.name) ?? [],
        };
        next.set(resource.name, record);
        desired.push(desiredOf(record, wanted));
      }
      const observed = world.observe();
      // With names on the command line, what was not named stays as it is: it is neither changed nor removed.
      const visible = wanted
        ? { ...observed, resources: observed.resources.filter(({ name }) => wanted.has(name)) }
        : observed;
      const plan = reconcile(wanted ? desired.filter(({ name }) => wanted.has(name)) : desired, visible);
      world.checkStamps(stack.resources);
      return { stack, observed, plan, text: formatPlan(plan), next, notes };
    },
  };
}

/** What an `up` of some names starts; `undefined`: everything. */
function wantedOf({ only }: UpRequest, { edges }: ResolvedStack): ReadonlySet<string> | undefined {
  return only.length === 0 ? undefined : closure(only, needsByResource(edges));
}

/** `absent`: cannot be had, and nobody asked for it. */
function bindAll(
  world: PlanningWorld,
  stack: ResolvedStack,
  launches: ReadonlyMap<string, Launch>,
  dryRun: boolean,
  concerns: (name: string) => boolean,
): {
  bindings: ReadonlyMap<string, Binding>;
  unavailable: readonly Skipped[];
  absent: ReadonlySet<string>;
} {
  const bindings = new Map<string, Binding>();
  const unavailable: Skipped[] = [];
  const absent = new Set<string>();
  const missing: string[] = [];
  for (const resource of stack.resources) {
    const result = world.bind(resource, launches.get(resource.name), dryRun);
    if (result.available) {
      if (result.binding) bindings.set(resource.name, result.binding);
    } else if (!concerns(resource.name)) absent.add(resource.name);
    else if (resource.optional) unavailable.push({ name: resource.name, reason: result.reason });
    else missing.push([`${resource.name}: ${result.reason}`, ...result.ways.map((way) => `  - ${way}`)].join("\n"));
  }
  if (missing.length > 0) throw new CaissonError(world.inContainers ? "E_IMAGE" : "E_PROVIDER", missing.join("\n"));
  return { bindings, unavailable, absent };
}

function capacity(world: PlanningWorld, request: UpRequest, stack: ResolvedStack): string[] {
  const { errors, warnings } = checkCapacity(stack.resources, world.host);
  if (!request.allowOvercommit) throwProblems(errors, "E_CAPACITY", `stack ${stack.name}`);
  return [...(request.allowOvercommit ? errors : []), ...warnings].map((problem) => problem.message);
}

function refuseReplicas(world: PlanningWorld, stack: ResolvedStack, launches: ReadonlyMap<string, Launch>): void {
  const problems = stack.resources.flatMap(({ name, replicas }) => {
    const why = replicas > 1 ? oneReplica(launches.get(name), world.sharedPorts) : undefined;
    if (why === undefined) return [];
    const path = `${stack.name}/${name}/replicas`;
    return [{ code: "E_REPLICAS" as const, path, message: `expected 1, got ${replicas}: ${why}` }];
  });
  throwProblems(problems, "E_REPLICAS", `stack ${stack.name}`);
}

function generationOf(
  world: PlanningWorld,
  request: UpRequest,
  resource: Resource,
  launches: ReadonlyMap<string, Launch>,
  bindings: ReadonlyMap<string, Binding>,
  needs: ReturnType<typeof needsByResource>,
): GenerationRecord {
  const launch = launches.get(resource.name) ?? nowhere;
  const binding = bindings.get(resource.name) ?? null;
  const draft = { resource, generation: 0, launch, binding, needs: needs.get(resource.name) ?? [], root: request.root };
  const text = (value: Expression): string =>
    world.textForHash(value, { ...draft, identity: { config: "", program: "", catalogue: 0 } });
  return { ...draft, identity: identityOf(resource, launch, request.programs[resource.name] ?? "", binding, text) };
}

/** Something external: nothing of it runs. */
const nowhere: Launch = {
  argv: [],
  env: {},
  files: [],
  cwd: { kind: "literal", value: "" },
  user: "self",
  prepare: [],
  sharesPort: false,
};

function desiredOf(record: GenerationRecord, wanted: ReadonlySet<string> | undefined): DesiredResource {
  const { resource, identity, needs } = record;
  const { name, kind, replicas, volumes, component, renamedFrom } = resource;
  return {
    name,
    kind,
    identity,
    replicas,
    volumes,
    component,
    needs,
    optionals: record.optionals ?? [],
    start: kind !== "command" && (wanted === undefined || wanted.has(name)),
    ...(renamedFrom !== undefined && { renamedFrom }),
  };
}

/** Optional resources that are on and referred to: one that appears is the cause a plan line names. */
function optionalsByResource(
  stack: ResolvedStack,
  byName: ReadonlyMap<string, Resource>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { from, to } of stack.edges) {
    if (byName.get(to)?.optional !== true) continue;
    const names = found.get(from) ?? [];
    if (!names.includes(to)) names.push(to);
    found.set(from, names);
  }
  return found;
}
