import { literal, type Expression } from "../../model/expression.ts";
import type { ContainerFacet } from "../../model/container.ts";
import type { Resource } from "../../model/resource.ts";
import { follow, tainted } from "../../resolve/follow.ts";
import { readerFiles } from "../../resolve/reader-files.ts";
import { processLaunch } from "../process/launch.ts";

/** A file of one container, its references followed: where it is inside, whose, and whether it holds a secret. */
export interface LaunchFile {
  readonly name: string;
  readonly path: string;
  readonly content: Expression;
  readonly mode: number;
  readonly secret: boolean;
}

/** How one replica of a resource runs in a container. `env` and `command` never hold a secret; `files` may. */
export interface ContainerLaunch {
  readonly facet: ContainerFacet;
  readonly command: readonly Expression[];
  readonly env: Readonly<Record<string, Expression>>;
  readonly files: readonly LaunchFile[];
}

/** A resource that never runs in a container (`external`) has no launch. */
export function containerLaunch(
  resource: Resource,
  byName: ReadonlyMap<string, Resource>,
): ContainerLaunch | undefined {
  const facet = resource.container;
  if (!facet) return undefined;
  const all = (values: readonly Expression[]): Expression[] =>
    values.map((value) => follow(value, byName) ?? literal(""));
  // A program is told the same in both worlds; only ports cannot be shared where each replica has its own address.
  const program = resource.program ? processLaunch(resource, byName) : undefined;
  const { REUSE_PORT: _, ...programEnv } = program?.env ?? {};
  const slots = program?.files ?? [...resource.files, ...readerFiles(resource, byName)];
  return {
    facet,
    command: program?.argv ?? all(facet.command),
    env: { ...programEnv, ...followed(facet.env, byName) },
    files: slots.map((slot): LaunchFile => {
      const { path, content = slot.content, mode = slot.mode } = facet.files[slot.name] ?? {};
      const value = follow(content, byName) ?? literal("");
      const secret = tainted(value);
      const folder = secret ? "/run/secrets" : "/etc/caisson";
      return { name: slot.name, path: path ?? `${folder}/${slot.name}`, content: value, mode, secret };
    }),
  };
}

function followed(
  values: Readonly<Record<string, Expression>>,
  byName: ReadonlyMap<string, Resource>,
): Record<string, Expression> {
  const entries = Object.entries(values).flatMap(([key, value]): [string, Expression][] => {
    const found = follow(value, byName);
    return found ? [[key, found]] : [];
  });
  return Object.fromEntries(entries);
}
