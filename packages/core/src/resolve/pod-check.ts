import type { Problem } from "../errors/problem.ts";
import type { Edge } from "../model/edge.ts";
import type { Pod } from "../model/pod.ts";
import { managementPort } from "../model/program-container.ts";
import type { Resource } from "../model/resource.ts";
import type { StackItem } from "../model/stack.ts";
import { betweenPods } from "./between-pods.ts";
import { needsCycles } from "./cycles.ts";
import { isList } from "./flatten.ts";
import { namePattern } from "./names.ts";
import { scaleProblems } from "./scale-check.ts";

/** The pods of a stack's items, in order. */
export function podsIn(items: readonly StackItem[]): Pod[] {
  return items.flatMap((item): Pod[] => {
    if (isList(item)) return podsIn(item);
    if (item.kind === "profile" || item.kind === "network") return podsIn(item.members);
    return item.kind === "pod" ? [item] : [];
  });
}

/** What is wrong with the pods of a stack, beside what is wrong with its resources. */
export function podProblems(
  stack: string,
  pods: readonly Pod[],
  resources: readonly Resource[],
  scale: Readonly<Record<string, number>>,
): Problem[] {
  const problems: Problem[] = [];
  const names = new Map(resources.map(({ name, kind }) => [name, kind as string]));
  const alone = new Set(resources.flatMap(({ name, pod }) => (pod ? [] : [name])));
  const homes = new Map<string, string>();
  for (const each of pods) {
    const { name: pod, members } = each;
    const report = (code: Problem["code"], path: string, message: string): void => {
      problems.push({ code, path: `${stack}/${path}`, message });
    };
    if (!namePattern.test(pod))
      report("E_NAME_INVALID", pod, `expected lower-case letters, digits and dashes, got ${JSON.stringify(pod)}`);
    if (names.has(pod)) report("E_NAME_DUPLICATE", pod, `a ${names.get(pod) ?? ""} has the pod's name ${pod}`);
    names.set(pod, "pod");
    if (members.length === 0) report("E_POD", pod, "expected members, got none");
    for (const member of members) {
      const path = `${pod}/${member.name}`;
      const home = homes.get(member.name);
      if (home === pod) report("E_POD", path, "is listed twice");
      else if (home !== undefined) report("E_POD", path, `is in pod ${home} too; expected one pod`);
      else if (alone.has(member.name)) report("E_POD", path, "is in the stack beside its pod; list it in the pod only");
      homes.set(member.name, pod);
      for (const message of refused(member)) report("E_POD", path, message);
      if (member.name in scale) report("E_POD", path, `has the replicas of its pod: scale ${pod}`);
      const last = managementPort + members.length;
      for (const { name, number } of member.ports)
        if (number >= managementPort && number <= last)
          report(
            "E_PORT_CLASH",
            `${path}/ports/${name}`,
            `wants port ${number}; the pod itself has ${managementPort} to ${last}`,
          );
    }
    for (const message of scaleProblems(each)) report("E_POD", `${pod}/scale`, message);
    for (const { path, message } of insideClashes(resources.filter((resource) => resource.pod?.name === pod)))
      report("E_PORT_CLASH", `${pod}/${path}`, message);
  }
  return problems;
}

/** Ports that are different ones for people and the same in a container, where what is root's to open is another. */
function insideClashes(members: readonly Resource[]): { readonly path: string; readonly message: string }[] {
  const owners = new Map<number, { readonly path: string; readonly number: number }>();
  return members.flatMap(({ name: member, ports, container }) =>
    ports.flatMap(({ name, number }) => {
      if (number === 0) return [];
      const inside = container?.ports[name] ?? number;
      const owner = owners.get(inside);
      const path = `${member}/ports/${name}`;
      owners.set(inside, { path, number });
      if (owner === undefined || owner.number === number) return [];
      return [
        {
          path,
          message: `is ${inside} in the pod, as ${owner.path} is: choose another in the place of the one below 1024`,
        },
      ];
    }),
  );
}

function refused({ kind, component, inPod, replicas, resources: { limits, reservations } }: Resource): string[] {
  if (kind === "component" && !inPod)
    return [`expected a service or an nginx, got the component ${component}, which runs in no image but its own`];
  if (kind !== "service" && kind !== "component") return [`expected a service, got a ${kind}`];
  const own = [
    replicas !== 1 && "replicas",
    Object.keys(limits).length > 0 && "limits",
    Object.keys(reservations).length > 0 && "reservations",
  ].filter((each) => each !== false);
  return own.length === 0 ? [] : [`has ${own.join(" and ")} of its own, which are the pod's to have`];
}

/** Circles of needs that only containers have, where a pod waits for all that its members wait for. */
export function podCycles(stack: string, resources: readonly Resource[], edges: readonly Edge[]): Problem[] {
  const pods = new Set(resources.flatMap(({ pod }) => pod?.name ?? []));
  if (pods.size === 0) return [];
  const names = new Set(resources.map(({ name, pod }) => pod?.name ?? name));
  return needsCycles([...names], betweenPods(resources, edges))
    .filter((cycle) => cycle.some((name) => pods.has(name)))
    .map((cycle) => ({
      code: "E_CYCLE",
      path: `${stack}/${cycle[0] ?? ""}`,
      message: `waits for itself, as a pod waits for all that its members wait for: ${cycle.join(" -> ")}`,
    }));
}
