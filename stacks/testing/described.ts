import type { Expression, Pod, Resource, ResolvedStack, StackDefinition, StackItem } from "@caisson/core";

/** What a document says of a stack, read off the resolved one: names, ports, limits, volumes, arguments. */
export interface Described {
  readonly names: readonly string[];
  readonly skipped: readonly string[];
  readonly ports: Readonly<Record<string, readonly number[]>>;
  readonly limits: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
}

export function describeStack({ resources, skipped }: ResolvedStack): Described {
  const known = (resource: Resource): number[] =>
    resource.ports.map(({ number }) => number).filter((number) => number > 0);
  return {
    names: resources.map(({ name }) => name),
    skipped: skipped.map(({ name }) => name),
    ports: Object.fromEntries(resources.flatMap((each) => (known(each).length > 0 ? [[each.name, known(each)]] : []))),
    limits: Object.fromEntries(
      resources.flatMap(({ name, resources: { limits } }) =>
        limits.memory === undefined ? [] : [[name, `${limits.cpus ?? "-"} / ${limits.memory / 1024 ** 2}MB`]],
      ),
    ),
    volumes: resources.flatMap(({ name, container }) =>
      (container?.mounts ?? []).map(({ volume, path }) => `${name}/${volume} at ${path}`),
    ),
  };
}

/** The definition with every program there: what is planned takes part like the rest. */
export function withPrograms(definition: StackDefinition): StackDefinition {
  return { ...definition, build: (params) => definition.build(params).map(present) };
}

function present(item: StackItem): StackItem {
  if (isList(item)) return item.map(present);
  if (item.kind === "network") return { ...item, members: item.members.map(present) };
  if (item.kind === "profile") return { ...item, members: item.members.map(built) };
  return built(item);
}

function built(item: Resource | Pod): Resource | Pod {
  return item.kind === "pod" ? { ...item, members: item.members.map(withProgram) } : withProgram(item);
}

function withProgram(resource: Resource): Resource {
  const { planned, ...rest } = resource;
  return planned === undefined ? resource : rest;
}

function isList(item: StackItem): item is readonly StackItem[] {
  return Array.isArray(item);
}

/** All literal text of a resource: its arguments, environment and files. */
export function textOf(stack: ResolvedStack, name: string): string {
  const resource = stack.resources.find((each) => each.name === name);
  if (!resource) throw new Error(`${name} is not on; there are ${stack.resources.map((each) => each.name).join(", ")}`);
  const { container, files } = resource;
  return [
    ...(container?.command ?? []),
    ...Object.entries(container?.env ?? {}).flatMap(([key, value]) => [literalOf(`${key}=`), value, literalOf("\n")]),
    ...files.map(({ content }) => content),
  ]
    .map(literals)
    .join("");
}

/** The literal text of one file of a resource. */
export function fileOf(stack: ResolvedStack, name: string, file: string): string {
  const found = stack.resources.find((each) => each.name === name)?.files.find((each) => each.name === file);
  if (!found) throw new Error(`${name} has no file ${file}`);
  return literals(found.content);
}

function literalOf(value: string): Expression {
  return { kind: "literal", value };
}

function literals(value: Expression): string {
  if (value.kind === "literal") return String(value.value);
  if (value.kind === "concat") return value.parts.map(literals).join("");
  return value.kind === "encode" ? literals(value.value) : "";
}
