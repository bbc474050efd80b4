import type { Problem } from "../errors/problem.ts";
import type { Dependency, FileSlot, Resource } from "../model/resource.ts";
import type { Derivation } from "./derivation.ts";
import { grafanaFiles } from "./grafana/grafana-files.ts";
import { alloyFiles } from "./logs/alloy-files.ts";
import { prometheusFiles } from "./monitoring/prometheus-files.ts";

/** What a projection gives a resource. */
export interface Derived {
  readonly files: readonly FileSlot[];
  /** Resources it has to reach; nothing waits for them. */
  readonly observes: readonly string[];
  readonly problems: readonly Problem[];
}

/** Whose containers are whose on a host: labels say both. */
export interface StackIdentity {
  readonly name: string;
  readonly environment: string;
}

/** The same before {@link deriveFiles}: of what it adds nothing is left. */
export function withoutDerived(resources: readonly Resource[], stack: StackIdentity): readonly Resource[] {
  return resources.map((resource) => {
    const { derives } = resource;
    if (!derives) return resource;
    const { files, observes } = project(resource, derives, stack, resources);
    const derived = new Set(files.map(({ name }) => name));
    return {
      ...resource,
      files: resource.files.filter(({ name }) => !derived.has(name)),
      after: resource.after.filter((each) => each.strength !== "observes" || !observes.includes(each.resource)),
    };
  });
}

/**
 * The resources with what follows for each from all of them: files, and edges that gate nothing. `declared`: what the stack has,
 * with what is off, for settings may speak of that too.
 */
export function deriveFiles(
  resources: readonly Resource[],
  stack: StackIdentity,
  declared: readonly Resource[] = resources,
): readonly Resource[] {
  return resources.map((resource) => {
    const { derives } = resource;
    if (!derives) return resource;
    const { files, observes, problems } = project(resource, derives, stack, resources, declared);
    const derived = new Set(files.map(({ name }) => name));
    return {
      ...resource,
      files: [...resource.files.filter(({ name }) => !derived.has(name)), ...files],
      after: [
        ...resource.after,
        ...observes.map((name): Dependency => ({ resource: name, strength: "observes", condition: "started" })),
      ],
      problems: [...resource.problems, ...problems],
    };
  });
}

function project(
  resource: Resource,
  derivation: Derivation,
  stack: StackIdentity,
  all: readonly Resource[],
  declared: readonly Resource[] = all,
): Derived {
  switch (derivation.kind) {
    case "prometheus":
      return prometheusFiles(resource, derivation, all, stack, declared);
    case "grafana":
      return grafanaFiles(resource, derivation, all);
    case "alloy":
      return alloyFiles(resource, derivation, all, stack);
  }
}
