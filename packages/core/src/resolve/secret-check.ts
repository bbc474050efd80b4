import { walk } from "../model/expression.ts";
import type { Problem } from "../errors/problem.ts";
import type { Resource } from "../model/resource.ts";
import { slots } from "./edges.ts";
import { follow } from "./follow.ts";
import { namePattern } from "./names.ts";

/** What is wrong with the secrets of a stack: how they are defined, and where they would be seen. */
export function secretProblems(
  stack: string,
  resources: readonly Resource[],
  byName: ReadonlyMap<string, Resource>,
): Problem[] {
  return [...definitionProblems(stack, resources), ...openPlaces(stack, resources, byName)];
}

/** Slots that every user of the machine, and whoever may ask the engine, can read. */
const openSlots = /^(?:process|container)\/(?:argv|env|entrypoint|command|health)\//;

function openPlaces(stack: string, resources: readonly Resource[], byName: ReadonlyMap<string, Resource>): Problem[] {
  return resources.flatMap((resource) =>
    [...slots(resource)].flatMap(([path, value]): Problem[] => {
      if (!openSlots.test(path)) return [];
      const found = follow(value, byName);
      const names = found ? [...walk(found)].flatMap((part) => (part.kind === "secret" ? [part.name] : [])) : [];
      if (names.length === 0) return [];
      return [
        {
          code: "E_VALUE",
          path: `${stack}/${resource.name}/${path}`,
          message: `expected a value without a secret, got one with ${names.join(", ")}; give it as a file`,
        },
      ];
    }),
  );
}

function definitionProblems(stack: string, resources: readonly Resource[]): Problem[] {
  const sources = new Map<string, string>();
  const problems = new Map<string, Problem>();
  for (const resource of resources) {
    for (const [path, value] of slots(resource)) {
      for (const part of walk(value)) {
        if (part.kind !== "secret") continue;
        const source = JSON.stringify(part.source);
        if ((sources.get(part.name) ?? source) !== source)
          problems.set(part.name, {
            code: "E_VALUE",
            path: `${stack}/${resource.name}/${path}`,
            message: `the secret ${part.name} is defined twice with different options`,
          });
        if (part.source.from === "generated" && !(part.source.bytes >= 16 && part.source.bytes <= 64))
          problems.set(part.name, {
            code: "E_VALUE",
            path: `${stack}/${resource.name}/${path}`,
            message: `expected 16 to 64 bytes for the secret ${part.name}, got ${part.source.bytes}`,
          });
        if (!namePattern.test(part.name))
          problems.set(part.name, {
            code: "E_NAME_INVALID",
            path: `${stack}/${resource.name}/${path}`,
            message: `expected a secret's name of lower-case letters, digits and dashes, got ${JSON.stringify(part.name)}`,
          });
        sources.set(part.name, source);
      }
    }
  }
  return [...problems.values()];
}
