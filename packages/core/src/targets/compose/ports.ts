import { envName } from "../../codec/env-name.ts";
import type { Json } from "../../model/expression.ts";
import type { Port, Resource } from "../../model/resource.ts";
import { publishedOn } from "../container/networks.ts";
import { innerPort } from "../container/places.ts";
import type { ComposeContext } from "./context.ts";

/** Ports of one resource on one host, each movable by its variable. Replicas cannot share one: they have none. */
export function publishedPorts({ stack }: ComposeContext, resource: Resource): Json[] {
  if (resource.replicas !== 1) return [];
  return published(stack.environment, resource).map(({ port, where }): Json => ({
    ...onHost(resource, port),
    ...(where === "loopback" && { host_ip: "127.0.0.1" }),
  }));
}

/** The same on each node that runs one: on all of its addresses, for Swarm knows no other. */
export function nodePorts({ stack }: ComposeContext, resource: Resource): Json[] {
  return published(stack.environment, resource)
    .filter(({ where }) => where === "all")
    .map(({ port }) => onHost(resource, port));
}

/** What is in `.env.example`: the ports that may be moved, of those that are there. */
export function envExample({ stack }: ComposeContext, file: string, has: (resource: Resource) => boolean): string {
  const lines = stack.resources.filter(has).flatMap((resource) =>
    published(stack.environment, resource)
      .filter(({ port }) => !port.fixed)
      .map(
        ({ port }) =>
          `# Port of the host for ${resource.name} (${port.name}).\n${variableOf(resource, port)}=${port.number}\n`,
      ),
  );
  return `# Copy to .env beside ${file} and change what you need; every line shows its default.\n${lines.join("")}`;
}

function onHost(resource: Resource, port: Port): { readonly [key: string]: Json } {
  return {
    target: innerPort(resource, port.name),
    published: port.fixed ? String(port.number) : `\${${variableOf(resource, port)}:-${port.number}}`,
    protocol: "tcp",
    mode: "host",
  };
}

function published(environment: string, resource: Resource): { port: Port; where: "loopback" | "all" }[] {
  if (!resource.container) return [];
  return resource.ports.flatMap((port) => {
    const where = port.number === 0 ? undefined : publishedOn(port.published, environment);
    return where ? [{ port, where }] : [];
  });
}

function variableOf(resource: Resource, port: Port): string {
  return `${envName(`${resource.name}_${port.name}`).replaceAll("-", "_")}_PORT`;
}
