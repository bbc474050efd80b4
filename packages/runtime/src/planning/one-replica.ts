import type { Launch, Resource } from "@caisson/core/run";

/** Why a target runs no second replica of what is launched so, beside these resources; `undefined`: it can. */
export function oneReplica(
  name: string,
  launch: Launch | undefined,
  resources: readonly Resource[],
  sharedPorts: boolean,
): string | undefined {
  const edge = launch?.container ? undefined : resources.find(({ tellsApart = [] }) => tellsApart.includes(name));
  if (edge)
    return `${edge.name} keeps a client with one replica, and as processes they share an address; run it with --target docker, or route without \`sticky\``;
  if (launch?.sharesPort === true && sharedPorts) return undefined;
  if (launch?.container) return "replicas cannot share a port of the host; put an edge in front";
  return `as processes, replicas share a port, which ${sharedPorts ? "only programs built on the kit can" : "only Linux can"}`;
}
