import { walk, type Expression } from "../model/expression.ts";
import type { FileSlot, Resource } from "../model/resource.ts";
import { slots } from "./edges.ts";

/** The files that a resource has to read with the values it takes of others: an authority it has to trust, say. */
export function readerFiles(resource: Resource, byName: ReadonlyMap<string, Resource>): FileSlot[] {
  const found = new Map<string, FileSlot>();
  const look = (value: Expression): void => {
    for (const part of walk(value)) {
      const output = part.kind === "ref" ? byName.get(part.resource)?.outputs[part.output] : undefined;
      if (!output) continue;
      for (const file of output.files ?? []) found.set(file.name, file);
      look(output.value);
    }
  };
  for (const [, value] of slots(resource)) look(value);
  return [...found.values()];
}
