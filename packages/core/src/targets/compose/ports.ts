import { envName } from "../../codec/env-name.ts";
import type { Json } from "../../model/expression.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import type { Port, Resource } from "../../model/resource.ts";
import { publishedOn } from "../container/networks.ts";
import { innerPort } from "../container/places.ts";

/** A port that is reachable from outside the stack, and where. */
interface Published {
  readonly port: Port;
  readonly where: "loopback" | "all";
}

/** Those of a bundle that one host runs. Replicas cannot share one: they have none. */
export function onOneHost({ environment }: ResolvedStack, resource: Resource): Published[] {
  return resource.replicas === 1 ? published(environment, resource) : [];
}

/** Those of each node that runs one: on all of its addresses, for Swarm knows no other. */
export function onEachNode({ environment }: ResolvedStack, resource: Resource): Published[] {
  return published(environment, resource).filter(({ where }) => where === "all");
}

/** As compose files write them, each movable by its variable. */
export function publishedPorts(resource: Resource, ports: readonly Published[]): Json[] {
  return ports.map(({ port, where }): Json => ({
    target: innerPort(resource, port.name),
    published: port.fixed ? String(port.number) : `\${${variableOf(resource, port)}:-${port.number}}`,
    ...(where === "loopback" && { host_ip: "127.0.0.1" }),
    protocol: "tcp",
    mode: "host",
  }));
}

/** What is in `.env.example`: the ports that may be moved, of those that the bundle has. */
export function envExample(stack: ResolvedStack, file: string, of: typeof onOneHost): string {
  const lines = stack.resources.flatMap((resource) =>
    of(stack, resource)
      .filter(({ port }) => !port.fixed)
      .map(
        ({ port }) =>
          `# Port of the host for ${resource.name} (${port.name}).\n${variableOf(resource, port)}=${port.number}\n`,
      ),
  );
  return `# Copy to .env beside ${file} and change what you need; every line shows its default.\n${lines.join("")}`;
}

function published(environment: string, resource: Resource): Published[] {
  if (!resource.container) return [];
  return resource.ports.flatMap((port) => {
    const where = port.number === 0 ? undefined : publishedOn(port.published, environment);
    return where ? [{ port, where }] : [];
  });
}

function variableOf(resource: Resource, port: Port): string {
  return `${envName(`${resource.name}_${port.name}`).replaceAll("-", "_")}_PORT`;
}
