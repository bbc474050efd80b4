import {
  CaissonError,
  checkCapacity,
  formatPlan,
  reconcile,
  dropResources,
  endOfLifeWarnings,
  throwProblems,
  unheardAlerts,
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
    async prepare(asked, fetching) {
      const dryRun = fetching === undefined;
      const request = { ...asked, only: inPods(asked, world) };
      const gathered = world.gather(request.stack);
      const possible = world.launches(gathered, request.programs);
      const named = wantedOf(request, gathered);
      const concerns = (name: string): boolean => named?.has(name) ?? true;
      await world.refresh(new Map([...possible].filter(([name]) => concerns(name))), fetching);
      const { bindings, unavailable, absent, unfetched } = bindAll(world, gathered, possible, dryRun, concerns);
      // What is derived from all resources is derived from members, not from pods.
      const whole = dropResources(request.stack, unavailable);
      const stack = world.gather(whole);
      const notes = unavailable.map(({ name, reason }) => `${name} is left out: ${reason}`);
      notes.push(
        ...[...unfetched].map(([image, names]) => `${names.join(", ")}: up fetches ${image}, which the engine lacks`),
      );
      notes.push(...capacity(world, request, stack));
      if (!world.inContainers) notes.push(...boundless(whole));
      notes.push(...unheardAlerts(whole));
      // Of a program of the host, the system's own keepers tell.
      if (world.inContainers) notes.push(...endOfLifeWarnings(stack.resources, world.today()));
      const ofPod = ({ name, pod }: Resource): string => (world.inContainers ? (pod?.name ?? name) : name);
      requireSupplied("the stack", world.missingSecrets(whole.resources.filter((each) => concerns(ofPod(each)))));
      const byName = new Map(stack.resources.map((resource) => [resource.name, resource]));
      const launches = world.launches(stack, request.programs);
      refuseReplicas(world, stack, launches);
      notes.push(...(await world.settlePorts(stack.resources, launches, dryRun)));
      if (!dryRun) await world.makeSecrets(whole.resources);
      await world.checkCertificates(whole.resources);

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

/** A limit of a container is none of several processes. */
function boundless({ resources }: ResolvedStack): string[] {
  const pods = new Set(
    resources.flatMap(({ pod }) => (pod && Object.keys(pod.resources.limits).length > 0 ? [pod.name] : [])),
  );
  return [...pods].map((name) => `the limits of pod ${name} hold in containers only: its members run without`);
}

/** Names as the target knows them: in containers a member is its pod. */
function inPods({ stack, only }: UpRequest, { inContainers }: PlanningWorld): readonly string[] {
  const pods = new Map(stack.resources.map(({ name, pod }) => [name, pod?.name]));
  return inContainers ? only.map((name) => pods.get(name) ?? name) : only;
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
  unfetched: ReadonlyMap<string, readonly string[]>;
} {
  const bindings = new Map<string, Binding>();
  const unavailable: Skipped[] = [];
  const absent = new Set<string>();
  // Names by what is missing: one image is the one of many.
  const missing = new Map<string, string[]>();
  const unfetched = new Map<string, string[]>();
  const add = (to: Map<string, string[]>, what: string, name: string): void =>
    void to.set(what, [...(to.get(what) ?? []), name]);
  for (const resource of stack.resources) {
    const result = world.bind(resource, launches.get(resource.name), dryRun);
    if (result.available) {
      if (result.binding) bindings.set(resource.name, result.binding);
      if (result.unfetched !== undefined && concerns(resource.name)) add(unfetched, result.unfetched, resource.name);
    } else if (!concerns(resource.name)) absent.add(resource.name);
    else if (resource.optional) unavailable.push({ name: resource.name, reason: result.reason });
    else {
      const what = [result.reason, ...result.ways.map((way) => `  - ${way}`)].join("\n");
      add(missing, what, resource.name);
    }
  }
  if (missing.size > 0)
    throw new CaissonError(
      world.inContainers ? "E_IMAGE" : "E_PROVIDER",
      [...missing].map(([what, names]) => `${names.join(", ")}: ${what}`).join("\n"),
    );
  return { bindings, unavailable, absent, unfetched };
}

function capacity(world: PlanningWorld, request: UpRequest, stack: ResolvedStack): string[] {
  const { errors, warnings } = checkCapacity(stack.resources, world.host);
  if (!request.allowOvercommit) throwProblems(errors, "E_CAPACITY", `stack ${stack.name}`);
  return [...(request.allowOvercommit ? errors : []), ...warnings].map((problem) => problem.message);
}

function refuseReplicas(world: PlanningWorld, stack: ResolvedStack, launches: ReadonlyMap<string, Launch>): void {
  const problems = stack.resources.flatMap(({ name, replicas }) => {
    const why = replicas > 1 ? oneReplica(name, launches.get(name), stack.resources, world.sharedPorts) : undefined;
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
  return { ...draft, identity: identityOf(resource, launch, programOf(resource, request), binding, text) };
}

/** A pod's changes with its supervisor and with each of its members. */
function programOf({ name, members = [] }: Resource, { programs }: UpRequest): string {
  return [name, ...members.map((member) => member.name)].map((each) => programs[each] ?? "").join("+");
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
