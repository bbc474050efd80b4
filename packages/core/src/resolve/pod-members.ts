import type { Pod } from "../model/pod.ts";
import { managementPort, programContainer } from "../model/program-container.ts";
import type { ContainerFacet } from "../model/container.ts";
import type { Port, Resource } from "../model/resource.ts";

/** The members of a pod as resources, which know it; in its container each has a management port of its own. */
export function podMembers({ name, members, replicas, resources, scale }: Pod): Resource[] {
  return members.map((member, index): Resource => {
    const shared = { ...member, replicas, pod: { name, resources, ...(scale && { scale }) } };
    const { program, container, ready } = member;
    const management = managementPort + 1 + index;
    if (program) return { ...shared, container: programContainer(ready, program.http?.port, management) };
    return container
      ? { ...shared, container: { ...container, ports: besideOthers(member, container, management) } }
      : shared;
  });
}

/** Where a component listens beside others: where people know it, which is the stack's one port of that number, unless that is root's to open. */
function besideOthers({ ports }: Resource, facet: ContainerFacet, management: number): ContainerFacet["ports"] {
  const numberOf = ({ name, number }: Port): number => {
    if (number === 0) return management;
    return number < 1024 ? (facet.ports[name] ?? number) : number;
  };
  return Object.fromEntries(ports.map((port) => [port.name, numberOf(port)]));
}
