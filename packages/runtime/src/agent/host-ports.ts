import type { Launch, Resource } from "@caisson/core/run";

/** Of a container's ports, only those that are published take one of the host. */
export function withHostPorts(resource: Resource, launch: Launch | undefined): Resource {
  const published = new Set(launch?.container?.ports.map(({ name }) => name));
  return { ...resource, ports: resource.ports.filter(({ name }) => published.has(name)) };
}
