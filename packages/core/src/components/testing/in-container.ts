import type { Expression } from "../../model/expression.ts";
import type { Resource } from "../../model/resource.ts";
import { follow, tainted } from "../../resolve/follow.ts";

/** Where things are while a test looks at them. */
export interface Places {
  readonly file: (resource: Resource, name: string) => string;
  readonly volume: (resource: Resource, name: string) => string;
  readonly host: (resource: string) => string;
  readonly bind: string;
  readonly port: (resource: Resource, name: string) => number;
}

/** As it is in a container: names for hosts, the image's own paths and ports. */
export const inContainer: Places = {
  file: ({ container, files }, name) => {
    const slot = files.find((each) => each.name === name);
    const secret = slot !== undefined && tainted(slot.content);
    return container?.files[name]?.path ?? `${secret ? "/run/secrets" : "/etc/caisson"}/${name}`;
  },
  volume: ({ container }, name) => container?.mounts.find(({ volume }) => volume === name)?.path ?? `?${name}`,
  host: (resource) => resource,
  bind: "0.0.0.0",
  port: ({ container, ports }, name) =>
    container?.ports[name] ?? ports.find((port) => port.name === name)?.number ?? -1,
};

/** An expression as text; a secret shows its name and what is done with it, never more. */
export function textOf(value: Expression, resources: readonly Resource[], places: Places = inContainer): string {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const resource = (name: string): Resource => {
    const found = byName.get(name);
    if (!found) throw new Error(`${name} is not among the resources`);
    return found;
  };
  const text = (part: Expression): string => {
    switch (part.kind) {
      case "literal":
        return typeof part.value === "string" ? part.value : JSON.stringify(part.value);
      case "secret":
        return `<${part.name}>`;
      case "address":
        if (part.part === "port") return String(places.port(resource(part.resource), part.port));
        return part.part === "bind" ? places.bind : places.host(part.resource);
      case "path":
        if (part.of === "file") return places.file(resource(part.resource), part.name);
        if (part.of === "volume") return places.volume(resource(part.resource), part.name);
        return part.of === "runtime" ? "/tmp" : part.name;
      case "concat":
        return part.parts.map(text).join("");
      case "encode":
        return part.op === "json" ? JSON.stringify(text(part.value)) : `<${part.op} of ${text(part.value)}>`;
      case "ref":
        throw new Error(`${part.resource}.${part.output} leads nowhere`);
    }
  };
  const followed = follow(value, byName);
  if (!followed) throw new Error("the value depends on something that is not there");
  return text(followed);
}
