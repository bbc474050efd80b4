import { envName } from "../../codec/env-name.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import type { Resource } from "../../model/resource.ts";
import { fileKey } from "../compose/service.ts";
import type { LaunchFile } from "../container/launch.ts";

/** Name of the deployed stack: of one environment of one stack, and before the names of all of its objects. */
export function deployedName({ name, environment }: ResolvedStack): string {
  return `${name}-${environment}`;
}

/**
 * Label of the node that holds a resource's data: its volumes are on the disk of that node, and a task of another node would
 * begin with empty ones.
 */
export function nodeLabel(stack: ResolvedStack, { name }: Resource): string {
  return `caisson.${deployedName(stack)}.${name}`;
}

/**
 * Variable that holds the name of a config or secret. Swarm never changes the content of either, and refuses a deployment that
 * would: so the name ends in the content's hash, which `deploy.sh` works out, and a new content is a new object. A dot is two
 * underscores: `app-db.password` and `app.dbPassword` are two files.
 */
export function nameVariable(resource: Resource, file: LaunchFile): string {
  return envName(`name_${fileKey(resource, file)}`)
    .replaceAll(".", "__")
    .replaceAll(/[^A-Z0-9]/g, "_");
}

/** The name before its hash. Both fit in the 64 characters that Swarm allows. */
export function namePrefix(stack: ResolvedStack, resource: Resource, file: LaunchFile): string {
  return `${deployedName(stack)}_${fileKey(resource, file)}`.slice(0, 64 - 1 - hashDigits);
}

export const hashDigits = 12;
