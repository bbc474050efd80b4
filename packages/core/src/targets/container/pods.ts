import type { ConfigSchema, Program } from "../../model/contract.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import { defaultProbePaths } from "../../model/probe-paths.ts";
import { programContainer } from "../../model/program-container.ts";
import { baseResource } from "../../model/resource-defaults.ts";
import type { PodPart } from "../../model/pod-part.ts";
import type { Dependency, Port, Probe, ProbeTiming, Resource } from "../../model/resource.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import { betweenPods } from "../../resolve/between-pods.ts";
import { innerPort } from "./places.ts";

/** What runs in a pod's container: the supervisor of its members; it ships with the runtime. */
const podProgram: Program = freeze({
  kind: "program",
  modelVersion: 1,
  name: "pod",
  contractVersion: 1,
  runtime: { kind: "builtin", name: "pod" },
  // As `Type.Object({})` makes it; the schema library stays out of what an agent loads.
  config: { type: "object", properties: {}, required: [] } as unknown as ConfigSchema,
  management: true,
  metrics: {},
  queues: [],
});

/** What the supervisor itself takes to end after the last member, in milliseconds. */
const ownGraceMs = 1000;

/**
 * The stack as containers see it: each pod is one resource, at the place of its first member, with the ports, the networks'
 * edges and the dependants of its members, which are within it. Twice changes nothing.
 */
export function gatherPods(stack: ResolvedStack): ResolvedStack {
  const members = Map.groupBy(
    stack.resources.filter(({ pod }) => pod !== undefined),
    ({ pod }) => pod?.name,
  );
  if (members.size === 0) return stack;
  const resources = stack.resources.flatMap((resource): Resource[] => {
    const { pod } = resource;
    if (!pod) return [resource];
    const own = members.get(pod.name) ?? [];
    return own[0] === resource ? [podResource(pod, own, stack)] : [];
  });
  return freeze({ ...stack, resources, edges: betweenPods(stack.resources, stack.edges) });
}

/** Every resource of a gathered stack by its name, members of pods too. */
export function byNameWithMembers(resources: readonly Resource[]): ReadonlyMap<string, Resource> {
  return new Map(resources.flatMap((each) => [each, ...(each.members ?? [])]).map((each) => [each.name, each]));
}

function podResource({ name, resources }: PodPart, members: readonly Resource[], { edges }: ResolvedStack): Resource {
  const base = baseResource("service", "pod", name);
  const ready = probe(defaultProbePaths.ready);
  const { health, ...container } = programContainer(ready, undefined);
  const network = members[0]?.network;
  const own = new Set(members.map((each) => each.name));
  const ports = members.flatMap((member) => member.ports.flatMap((port) => outward(member, port)));
  return {
    ...base,
    program: podProgram,
    profiles: members[0]?.profiles ?? [],
    ...(network !== undefined && { network }),
    egress: members.some(({ egress }) => egress),
    ports: [stackPort("management", 0), ...ports.map(({ port }) => port)],
    container: {
      ...container,
      ...(health && { health: { ...health, failureThreshold: patience(members, base.probeTiming) } }),
      ports: { ...container.ports, ...Object.fromEntries(ports.map(({ port, inner }) => [port.name, inner])) },
    },
    ready,
    live: probe(defaultProbePaths.live),
    // One after the other, at worst.
    probeTiming: { ...base.probeTiming, startPeriodMs: sumOf(members, ({ probeTiming }) => probeTiming.startPeriodMs) },
    replicas: members[0]?.replicas ?? 1,
    resources,
    stop: { ...base.stop, graceMs: ownGraceMs + sumOf(members, ({ stop }) => stop.graceMs) },
    members: members.map((member) => ({
      ...member,
      after: edges.flatMap(({ from, to, strength, condition }): Dependency[] =>
        from === member.name && own.has(to) && strength === "needs" ? [{ resource: to, strength, condition }] : [],
      ),
    })),
  };
}

/** Failures that a member's restart may cost: it is the supervisor's to bring back, and who ends the container ends all. */
function patience(members: readonly Resource[], { intervalMs }: ProbeTiming): number {
  const back = members.map(({ restart, probeTiming }) => restart.maxDelayMs + probeTiming.startPeriodMs);
  return Math.ceil(Math.max(...back) / intervalMs);
}

function sumOf(members: readonly Resource[], amount: (member: Resource) => number): number {
  return members.reduce((sum, member) => sum + amount(member), 0);
}

function probe(path: string): Probe {
  return { kind: "http", port: "management", path };
}

/** A member's port as one of the pod's; management listeners are the stack's alone to reach, by their member. */
function outward(member: Resource, port: Port): { readonly port: Port; readonly inner: number }[] {
  if (port.number === 0) return [];
  return [{ port: { ...port, name: `${member.name}-${port.name}` }, inner: innerPort(member, port.name) }];
}
