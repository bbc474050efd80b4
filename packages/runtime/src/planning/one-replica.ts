import type { Launch } from "@caisson/core/run";

/** Why a target runs no second replica of what is launched so; `undefined`: it can. */
export function oneReplica(launch: Launch | undefined, sharedPorts: boolean): string | undefined {
  if (launch?.sharesPort === true && sharedPorts) return undefined;
  if (launch?.container) return "replicas cannot share a port of the host; put an edge in front";
  return `as processes, replicas share a port, which ${sharedPorts ? "only programs built on the kit can" : "only Linux can"}`;
}
