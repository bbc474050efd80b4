import type { Expression } from "../../model/expression.ts";
import type { Resource } from "../../model/resource.ts";
import { memberFile, type ContainerLaunch } from "./launch.ts";

/** Where the programs that ship with Caisson, and the stack's sources, are in the image built for the stack. */
export interface ImagePlaces {
  /** Folder of the stack's sources. */
  readonly root: string;
  readonly builtins: Readonly<Record<string, string>>;
}

/** What addresses and paths stand for inside one container. */
export interface Places {
  address(at: Extract<Expression, { kind: "address" }>): string;
  path(to: Extract<Expression, { kind: "path" }>): string;
}

/** The number a port has inside. */
export function innerPort(resource: Resource, port: string): number {
  return resource.container?.ports[port] ?? resource.ports.find(({ name }) => name === port)?.number ?? 0;
}

/** Others are reached by their names, which the target's networks resolve; a server listens on all of its addresses. */
export function insidePlaces(
  launch: ContainerLaunch,
  byName: ReadonlyMap<string, Resource>,
  image: ImagePlaces,
): Places {
  return {
    address({ resource, port, part }) {
      if (part === "bind") return "0.0.0.0";
      const target = byName.get(resource);
      if (part === "host") return launch.members.includes(resource) ? "127.0.0.1" : (target?.pod?.name ?? resource);
      return target ? String(innerPort(target, port)) : "0";
    },
    path({ of, resource, name }) {
      switch (of) {
        case "volume":
          return launch.facet.mounts.find(({ volume }) => volume === name)?.path ?? "";
        case "file": {
          const known = launch.members.includes(resource) ? memberFile(resource, name) : name;
          return launch.files.find((file) => file.name === known)?.path ?? "";
        }
        case "runtime": {
          const own = launch.members.includes(resource) ? `/tmp/${resource}` : "/tmp";
          return name === "" ? own : `${own}/${name}`;
        }
        case "program":
          return name === "" || name === "." ? image.root : `${image.root}/${name}`;
        case "binary":
          return image.builtins[name] ?? name;
      }
    },
  };
}
