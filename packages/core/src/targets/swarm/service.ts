import type { Json } from "../../model/expression.ts";
import type { Resource } from "../../model/resource.ts";
import type { ContainerLaunch } from "../container/launch.ts";
import type { ComposeContext } from "../compose/context.ts";
import { onEachNode, publishedPorts } from "../compose/ports.ts";
import { alone, fileKey, type ComposeService } from "../compose/service.ts";
import { volumeMount, volumeOwner } from "../compose/volume-owner.ts";
import { ownedByRoot } from "../container/owned-by-root.ts";
import { nodeLabel } from "./names.ts";

/** Keys of a service that a stack file knows (schema 3.13); every other key would refuse the whole file. */
const kept = [
  "image",
  "entrypoint",
  "command",
  "environment",
  "user",
  "read_only",
  "cap_drop",
  "cap_add",
  "init",
  "ulimits",
  "networks",
  "healthcheck",
  "stop_signal",
  "stop_grace_period",
  "logging",
  "labels",
] as const;

/** One resource as a service of a stack file, from its compose service: what a stack file says otherwise, or not at all. */
export function swarmService(context: ComposeContext, { resource, launch, body }: ComposeService): Json {
  const { user } = launch.facet;
  const uses = (secret: boolean): Json[] =>
    launch.files
      .filter((file) => file.secret === secret)
      .map((file) => ({
        source: fileKey(resource, file),
        target: file.path,
        uid: String(user.uid),
        gid: String(user.gid),
        mode: file.mode,
      }));
  const deploy = typeof body["deploy"] === "object" ? body["deploy"] : {};
  const ports = publishedPorts(resource, onEachNode(context.stack, resource));
  const placement = placementOf(context, resource, launch);
  const condition =
    resource.restart.policy === "always" ? "any" : resource.restart.policy === "no" ? "none" : "on-failure";
  return {
    ...Object.fromEntries(kept.flatMap((key) => (body[key] === undefined ? [] : [[key, body[key]]]))),
    volumes: volumesOf(resource.name, launch.facet),
    ...(ports.length > 0 && { ports }),
    ...(uses(true).length > 0 && { secrets: uses(true) }),
    ...(uses(false).length > 0 && { configs: uses(false) }),
    deploy: {
      ...deploy,
      endpoint_mode: "dnsrr",
      ...placement,
      restart_policy: {
        condition,
        delay: "5s",
        ...(resource.kind === "job" && { max_attempts: resource.restart.crashLoopAfter }),
      },
      // Data has one owner at a time; so has a port of the host.
      update_config: {
        order: "placement" in placement || ports.length > 0 ? "stop-first" : "start-first",
        failure_action: "rollback",
        parallelism: 1,
      },
    },
  };
}

/** What gives new volumes to their user, on their node, and ends; until then the resource itself fails and is started again. */
export function swarmVolumeOwner(
  context: ComposeContext,
  { resource, launch, body }: ComposeService,
): [string, Json][] {
  if (ownedByRoot(launch.facet).length === 0) return [];
  const {
    security_opt: _,
    network_mode: __,
    restart: ___,
    ...owner
  } = volumeOwner(resource, launch, body["labels"] ?? {});
  const deploy = {
    ...placementOf(context, resource, launch),
    restart_policy: { condition: "on-failure", delay: "5s" },
  };
  return [[`${resource.name}_volumes`, { ...owner, networks: [alone], deploy }]];
}

/** Data stays on its node. */
function placementOf({ stack }: ComposeContext, resource: Resource, { facet }: ContainerLaunch): { placement?: Json } {
  if (facet.mounts.length === 0) return {};
  return { placement: { constraints: [`node.labels.${nodeLabel(stack, resource)} == true`] } };
}

function volumesOf(name: string, { mounts, tmpfs, hostPaths }: ComposeService["launch"]["facet"]): Json[] {
  const inMemory = new Set(["/tmp", ...tmpfs.map(({ path }) => path)]);
  return [
    ...mounts.map(({ volume, path, ownedByImage }) => volumeMount(name, volume, path, ownedByImage)),
    ...[...inMemory].map((target): Json => ({ type: "tmpfs", target })),
    ...hostPaths.map(({ host, path }): Json => ({ type: "bind", source: host, target: path, read_only: true })),
  ];
}
