import { walk } from "../model/expression.ts";
import type { Resource } from "../model/resource.ts";
import type { Skipped } from "../model/resolved.ts";
import { slots } from "./edges.ts";

/**
 * Takes out what is off. A key that refers to something optional and off is left out of its program's config; whatever
 * else refers to something that is off is off too, with the reason, so that nothing dangles.
 */
export function prune(
  all: readonly Resource[],
  off: ReadonlyMap<string, Skipped>,
): { readonly resources: readonly Resource[]; readonly skipped: readonly Skipped[] } {
  const skipped = new Map(off);
  const known = new Set(all.map((resource) => resource.name));
  for (const resource of all) {
    const store = resource.name.replace(/-provision$/, "");
    if (resource.program?.runtime.kind === "builtin" && skipped.has(store))
      skipped.set(resource.name, { name: resource.name, reason: `${store} is off` });
  }
  let resources = all.filter((resource) => !skipped.has(resource.name));
  for (let changed = true; changed;) {
    changed = false;
    const next: Resource[] = [];
    for (const resource of resources) {
      const config = Object.fromEntries(
        Object.entries(resource.config).filter(
          ([key, value]) => !(value.kind === "ref" && skipped.has(value.resource) && optionalKey(resource, key)),
        ),
      );
      const blocker = blockedBy({ ...resource, config }, skipped);
      if (blocker === undefined) next.push({ ...resource, config });
      else {
        skipped.set(resource.name, { name: resource.name, reason: `${blocker} is off` });
        changed = true;
      }
    }
    resources = next;
  }
  return { resources, skipped: [...skipped.values()].filter(({ name }) => known.has(name)) };
}

function optionalKey(resource: Resource, key: string): boolean {
  return !resource.program?.config.required?.includes(key);
}

function blockedBy(resource: Resource, skipped: ReadonlyMap<string, Skipped>): string | undefined {
  const gate = resource.after.find((each) => each.strength === "needs" && skipped.has(each.resource));
  if (gate) return gate.resource;
  for (const [, value] of slots(resource)) {
    for (const part of walk(value)) {
      if ((part.kind === "ref" || part.kind === "address") && skipped.has(part.resource)) return part.resource;
    }
  }
  return undefined;
}
