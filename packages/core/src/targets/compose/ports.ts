import { envName } from "../../codec/env-name.ts";
import type { Json } from "../../model/expression.ts";
import type { Port, Resource } from "../../model/resource.ts";
import { publishedOn } from "../container/networks.ts";
import { innerPort } from "../container/places.ts";
import type { ComposeContext } from "./context.ts";

/** A port of the host that a bundle takes, and the variable that moves it. */
export interface HostPort {
  readonly variable: string;
  readonly number: number;
  readonly resource: string;
  readonly port: string;
}

/** Ports of one resource on the host, each movable by its variable. Replicas cannot share one: they have none. */
export function publishedPorts({ stack }: ComposeContext, resource: Resource): Json[] {
  return published(stack.environment, resource).map(({ port, where }): Json => ({
    target: innerPort(resource, port.name),
    published: port.fixed ? String(port.number) : `\${${variableOf(resource, port)}:-${port.number}}`,
    ...(where === "loopback" && { host_ip: "127.0.0.1" }),
    protocol: "tcp",
    mode: "host",
  }));
}

/** All of them, for `.env.example`. */
export function hostPorts({ stack }: ComposeContext): HostPort[] {
  return stack.resources.flatMap((resource) =>
    published(stack.environment, resource)
      .filter(({ port }) => !port.fixed)
      .map(({ port }) => ({
        variable: variableOf(resource, port),
        number: port.number,
        resource: resource.name,
        port: port.name,
      })),
  );
}

function published(environment: string, resource: Resource): { port: Port; where: "loopback" | "all" }[] {
  if (!resource.container || resource.replicas !== 1) return [];
  return resource.ports.flatMap((port) => {
    const where = port.number === 0 ? undefined : publishedOn(port.published, environment);
    return where ? [{ port, where }] : [];
  });
}

function variableOf(resource: Resource, port: Port): string {
  return `${envName(`${resource.name}_${port.name}`).replaceAll("-", "_")}_PORT`;
}
