import { walk } from "../model/expression.ts";
import { isExpression } from "../model/is-expression.ts";
import type { Resource } from "../model/resource.ts";
import type { Skipped } from "../model/resolved.ts";
import { slots } from "./edges.ts";

/**
 * Takes out what is off. A key that refers to something optional and off is left out of its program's config; whatever
 * else refers to something that is off is off too, with the reason, so that nothing dangles. Linear in all references.
 */
export function prune(
  all: readonly Resource[],
  off: ReadonlyMap<string, Skipped>,
): { readonly resources: readonly Resource[]; readonly skipped: readonly Skipped[] } {
  const blockers = new Map(all.map((resource) => [resource.name, blockersOf(resource)]));
  const gone = spread(new Set(off.keys()), blockers);
  const resources = all.filter(({ name }) => !gone.has(name)).map((resource) => without(resource, gone));
  const skipped = all.flatMap(({ name }): Skipped[] => {
    if (!gone.has(name)) return [];
    const blocker = blockers.get(name)?.find((each) => gone.has(each));
    return [off.get(name) ?? { name, reason: `${blocker ?? "what it needs"} is off` }];
  });
  return { resources, skipped };
}

/** Names without which a resource cannot be, in the order in which it names them. */
function blockersOf(resource: Resource): string[] {
  const names = resource.after.filter((each) => each.strength === "needs").map((each) => each.resource);
  for (const [path, value] of slots(resource)) {
    if (value.kind === "ref" && isOptionalKey(resource, path)) continue;
    names.push(...namesIn(value));
  }
  // What is put into a file later, when it is known who else is there.
  names.push(...namesIn(resource.derives));
  return names.filter((name) => name !== resource.name);
}

/** Resources that expressions anywhere in a value refer to. */
function namesIn(value: unknown): string[] {
  if (isExpression(value))
    return [...walk(value)].flatMap((part) => (part.kind === "ref" || part.kind === "address" ? [part.resource] : []));
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(namesIn) : [];
}

/** Everything that cannot be without something in `off`, all the way. */
function spread(off: ReadonlySet<string>, blockers: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const blocked = new Map<string, string[]>();
  for (const [name, names] of blockers) {
    for (const blocker of names) {
      const list = blocked.get(blocker);
      if (list) list.push(name);
      else blocked.set(blocker, [name]);
    }
  }
  // A set visits what is added while it is walked.
  const gone = new Set(off);
  for (const name of gone) for (const each of blocked.get(name) ?? []) gone.add(each);
  return gone;
}

function without(resource: Resource, gone: ReadonlySet<string>): Resource {
  const config = Object.entries(resource.config).filter(
    ([key, value]) => !(value.kind === "ref" && gone.has(value.resource) && isOptionalKey(resource, `config/${key}`)),
  );
  const after = resource.after.filter((each) => !gone.has(each.resource));
  const same = after.length === resource.after.length && config.length === Object.keys(resource.config).length;
  return same ? resource : { ...resource, after, config: Object.fromEntries(config) };
}

/** `path` is a slot's: `config/redisUrl`. */
function isOptionalKey({ program }: Resource, path: string): boolean {
  const key = path.startsWith("config/") ? path.slice("config/".length) : undefined;
  return key !== undefined && program !== undefined && !program.config.required?.includes(key);
}
