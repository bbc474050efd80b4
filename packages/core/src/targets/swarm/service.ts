import type { Json } from "../../model/expression.ts";
import type { ComposeContext } from "../compose/context.ts";
import { nodePorts } from "../compose/ports.ts";
import type { ComposeService } from "../compose/service.ts";
import { fileKeyOf, nodeLabel } from "./names.ts";

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
        source: fileKeyOf(resource, file),
        target: file.path,
        uid: String(user.uid),
        gid: String(user.gid),
        mode: file.mode,
      }));
  const deploy = typeof body["deploy"] === "object" ? body["deploy"] : {};
  const ports = nodePorts(context, resource);
  const keepsData = launch.facet.mounts.length > 0;
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
      ...(keepsData && { placement: { constraints: [`node.labels.${nodeLabel(context.stack, resource)} == true`] } }),
      restart_policy: {
        condition,
        delay: "5s",
        ...(resource.kind === "job" && { max_attempts: resource.restart.crashLoopAfter }),
      },
      // Data has one owner at a time; so has a port of the host.
      update_config: {
        order: keepsData || ports.length > 0 ? "stop-first" : "start-first",
        failure_action: "rollback",
        parallelism: 1,
      },
    },
  };
}

function volumesOf(name: string, { mounts, tmpfs, hostPaths }: ComposeService["launch"]["facet"]): Json[] {
  const inMemory = new Set(["/tmp", ...tmpfs.map(({ path }) => path)]);
  return [
    ...mounts.map(({ volume, path }): Json => ({ type: "volume", source: `${name}-${volume}`, target: path })),
    ...[...inMemory].map((target): Json => ({ type: "tmpfs", target })),
    ...hostPaths.map(({ host, path }): Json => ({ type: "bind", source: host, target: path, read_only: true })),
  ];
}
