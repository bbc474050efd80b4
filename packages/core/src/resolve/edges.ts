import type { Edge } from "../model/edge.ts";
import { walk, type Expression } from "../model/expression.ts";
import type { ContainerFacet } from "../model/container.ts";
import type { Resource } from "../model/resource.ts";

/** Every expression a resource holds, with the path of the slot that holds it (`config/databaseUrl`). */
export function* slots(resource: Resource): Generator<readonly [path: string, value: Expression]> {
  for (const [key, value] of Object.entries(resource.config)) yield [`config/${key}`, value];
  for (const file of resource.files) yield [`files/${file.name}`, file.content];
  const { process } = resource;
  if (process) {
    for (const [index, value] of process.argv.entries()) yield [`process/argv/${index}`, value];
    for (const [key, value] of Object.entries(process.env)) yield [`process/env/${key}`, value];
  }
  if (resource.container) yield* containerSlots(resource.container);
}

function* containerSlots(facet: ContainerFacet): Generator<readonly [path: string, value: Expression]> {
  const argv = { entrypoint: facet.entrypoint ?? [], command: facet.command, health: facet.health?.argv ?? [] };
  for (const [key, values] of Object.entries(argv))
    for (const [index, value] of values.entries()) yield [`container/${key}/${index}`, value];
  for (const [key, value] of Object.entries(facet.env)) yield [`container/env/${key}`, value];
  for (const [name, { content }] of Object.entries(facet.files))
    if (content) yield [`container/files/${name}`, content];
}

/**
 * The edges of one resource: those written in `after`, and one for each reference. An output with a gate (a store's
 * provision job) makes two: to the resource, and to the gate's completion. Targets that do not exist are left to
 * validation. One edge a target and condition; the first reason is kept, the strongest strength wins.
 */
function edgesOf(resource: Resource, byName: ReadonlyMap<string, Resource>): Edge[] {
  const edges = new Map<string, Edge>();
  const add = (edge: Edge): void => {
    if (edge.to === resource.name || !byName.has(edge.to)) return;
    const key = `${edge.to} ${edge.condition}`;
    const known = edges.get(key);
    if (!known || (edge.strength === "needs" && known.strength !== "needs")) edges.set(key, edge);
  };
  for (const after of resource.after)
    add({
      from: resource.name,
      to: after.resource,
      strength: after.strength,
      condition: after.condition,
      why: "after",
    });
  for (const [path, value] of slots(resource)) {
    for (const part of walk(value)) {
      if (part.kind === "address" && part.told === undefined)
        add({
          from: resource.name,
          to: part.resource,
          strength: "uses",
          condition: "started",
          why: path,
        });
      if (part.kind !== "ref") continue;
      const output = byName.get(part.resource)?.outputs[part.output];
      if (!output) continue;
      const strength = part.strength ?? output.strength;
      add({
        from: resource.name,
        to: part.resource,
        strength,
        condition: output.condition,
        why: path,
      });
      const gate = output.gate;
      if (gate !== undefined && gate !== part.resource)
        add({ from: resource.name, to: gate, strength, condition: "completed", why: path });
    }
  }
  return [...edges.values()];
}

/** The edges of all resources. */
export function allEdges(resources: readonly Resource[]): Edge[] {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  return resources.flatMap((resource) => edgesOf(resource, byName));
}
