import { literal, type Expression } from "../../model/expression.ts";
import type { Resource } from "../../model/resource.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import type { StackImage } from "../compose/context.ts";
import { imageText } from "../compose/words.ts";
import type { ContainerLaunchFacts, Launch } from "../process/launch.ts";
import { containerLaunch } from "./launch.ts";
import { publishedOn, stackNetworks } from "./networks.ts";
import { placed } from "./placed.ts";
import { innerPort, insidePlaces } from "./places.ts";
import { byNameWithMembers, gatherPods } from "./pods.ts";

/**
 * How every resource of a stack runs in containers that an engine is told to make, by resource name; `external` ones have
 * no launch. Addresses and paths are filled in, for nothing about them is late: only secrets are left.
 */
export function containerLaunches(resolved: ResolvedStack, image: StackImage): Map<string, Launch> {
  const stack = gatherPods(resolved);
  const byName = byNameWithMembers(stack.resources);
  const networks = stackNetworks(stack);
  const replicasOf = (members: readonly string[]): number =>
    members.reduce((sum, each) => sum + (byName.get(each)?.replicas ?? 0), 0);
  const launches = new Map<string, Launch>();
  for (const resource of stack.resources) {
    const launch = containerLaunch(resource, byName);
    if (!launch) continue;
    const { facet } = launch;
    const places = insidePlaces(launch, byName, image);
    const put = (value: Expression): Expression => placed(value, places);
    const ports = hostPorts(resource, stack.environment);
    const container: ContainerLaunchFacts = {
      image: imageText(facet.image, image.reference),
      ownImage: facet.image.kind === "stack",
      ...(facet.entrypoint && { entrypoint: facet.entrypoint.map(put) }),
      user: facet.user,
      readOnlyRoot: facet.readOnlyRoot,
      tmpfs: facet.tmpfs,
      capAdd: facet.capAdd,
      init: facet.init,
      ulimits: facet.ulimits,
      ...(facet.shmBytes !== undefined && { shmBytes: facet.shmBytes }),
      mounts: facet.mounts,
      hostPaths: facet.hostPaths,
      networks: networks
        .filter(({ members }) => members.includes(resource.name))
        .map(({ name, internal, members }) => ({ name, internal, members: replicasOf(members) })),
      ports,
      ...(facet.health && { health: facet.health.argv.map(put) }),
      log: facet.log,
      files: Object.fromEntries(launch.files.map(({ name, path }) => [name, path])),
    };
    launches.set(resource.name, {
      argv: launch.command.map(put),
      env: Object.fromEntries(Object.entries(launch.env).map(([key, value]) => [key, put(value)])),
      files: launch.files.map(({ name, content, mode }) => ({ name, content: put(content), mode })),
      cwd: literal(""),
      user: "self",
      prepare: [],
      // Each replica has an address of its own; a port of the host has one taker.
      sharesPort: resource.kind === "service" && ports.length === 0,
      container,
    });
  }
  return launches;
}

function hostPorts(resource: Resource, environment: string): ContainerLaunchFacts["ports"] {
  return resource.ports.flatMap((port) => {
    const where = port.number === 0 ? undefined : publishedOn(port.published, environment);
    return where ? [{ name: port.name, inner: innerPort(resource, port.name), where }] : [];
  });
}
