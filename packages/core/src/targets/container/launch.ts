import { literal, type Expression } from "../../model/expression.ts";
import type { ContainerFacet } from "../../model/container.ts";
import type { Resource } from "../../model/resource.ts";
import { follow, tainted } from "../../resolve/follow.ts";
import { readerFiles } from "../../resolve/reader-files.ts";
import { processLaunch, type Launch } from "../process/launch.ts";
import { podDocument } from "./pod-document.ts";

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
  /** Resources that run in it beside each other: members of a pod, which reach each other on loopback. */
  readonly members: readonly string[];
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
  if (resource.members) return podLaunch(resource, facet, resource.members, byName);
  // A program is told the same in both worlds.
  const program = resource.program ? programLaunch(resource, byName) : undefined;
  const slots = program?.files ?? [...resource.files, ...readerFiles(resource, byName)];
  return {
    facet,
    command: program?.argv ?? all(facet.command),
    env: { ...program?.env, ...followed(facet.env, byName) },
    files: slots.map((slot): LaunchFile => {
      const { path, content = slot.content, mode = slot.mode } = facet.files[slot.name] ?? {};
      const file = launchFile(slot.name, follow(content, byName) ?? literal(""), mode);
      return path === undefined ? file : { ...file, path };
    }),
    members: [],
  };
}

function launchFile(name: string, content: Expression, mode: number): LaunchFile {
  const secret = tainted(content);
  return { name, path: `${secret ? "/run/secrets" : "/etc/caisson"}/${name}`, content, mode, secret };
}

/** As a process, but for the port that replicas share there: here each has an address of its own. */
function programLaunch(resource: Resource, byName: ReadonlyMap<string, Resource>): Launch {
  const launch = processLaunch(resource, byName);
  const { REUSE_PORT: _, ...env } = launch.env;
  return { ...launch, env };
}

/** The supervisor, the document that tells it of the members, and the files of each under its name. */
function podLaunch(
  resource: Resource,
  facet: ContainerFacet,
  members: readonly Resource[],
  byName: ReadonlyMap<string, Resource>,
): ContainerLaunch {
  const { argv, env } = programLaunch(resource, byName);
  const launches = members.map((member) => ({ member, launch: memberLaunch(member, byName) }));
  const document = launchFile("pod.json", podDocument(launches), 0o444);
  return {
    facet,
    command: [...argv, literal(document.path)],
    env,
    files: [
      document,
      ...launches.flatMap(({ member, launch }) =>
        launch.files.map(({ name, content, mode }) => launchFile(memberFile(member.name, name), content, mode)),
      ),
    ],
    members: members.map(({ name }) => name),
  };
}

/** As a process, with the files that it has in a container: others are known by their names there. */
function memberLaunch(member: Resource, byName: ReadonlyMap<string, Resource>): Launch {
  return { ...programLaunch(member, byName), files: containerLaunch(member, byName)?.files ?? [] };
}

/** The name of a member's file among those of its pod; a resource's name has no dot, so no two files share one. */
export function memberFile(member: string, file: string): string {
  return `${member}.${file}`;
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
