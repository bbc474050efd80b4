import type { ResolvedStack } from "../../model/resolved.ts";
import { publishedOn } from "../container/networks.ts";
import { beyondShell } from "./secrets.ts";
import type { ComposeService } from "./service.ts";

/** What a rendered bundle does less well than Caisson, or not at all. */
export function bundleWarnings(stack: ResolvedStack, services: readonly ComposeService[]): string[] {
  const weak = services.filter(({ launch }) => launch.facet.health?.weak === true);
  const blind = services.filter(({ resource, launch }) => resource.ready !== undefined && !launch.facet.health);
  const hidden = services.filter(
    ({ resource }) =>
      resource.replicas !== 1 &&
      resource.ports.some(({ published }) => publishedOn(published, stack.environment) !== undefined),
  );
  const beyond = beyondShell(services);
  return [
    "nothing restarts a container that is unhealthy, and there is no console: that is the agent's work",
    ...stack.resources
      .filter(({ kind }) => kind === "schedule")
      .map(({ name }) => `${name} is left out: a bundle runs no schedules yet`),
    ...weak.map(({ resource }) => `${resource.name}: its image can only test that a port is open, not that it answers`),
    ...blind.map(
      ({ resource }) =>
        `${resource.name}: its image has no tool to test itself; what needs it starts when it has started`,
    ),
    ...unawaited(services).map(
      (name) =>
        `${name}: nothing waits for its end, which \`docker compose up --wait\` takes for a failure; leave out --wait`,
    ),
    ...hidden.map(
      ({ resource }) =>
        `${resource.name}: ${resource.replicas} replicas cannot share a port of the host, so none is published; put an edge in front`,
    ),
    ...(beyond.length > 0
      ? [`init-secrets.sh cannot make ${beyond.join(", ")}: fill them with \`caisson secret export\``]
      : []),
  ];
}

/** Jobs that are not the condition of any other service. */
export function unawaited(services: readonly ComposeService[]): string[] {
  const awaited = new Set(services.flatMap(({ body }) => Object.keys(body["depends_on"] ?? {})));
  return services
    .filter(({ resource }) => resource.kind === "job" && !awaited.has(resource.name))
    .map(({ resource }) => resource.name);
}
