import { walk, type Expression } from "../model/expression.ts";
import type { Resource } from "../model/resource.ts";

/**
 * The expression with every reference replaced by what it stands for. `undefined`: it depends on a resource that is
 * not there (an optional one that the host cannot run), so there is no value.
 */
export function follow(value: Expression, byName: ReadonlyMap<string, Resource>): Expression | undefined {
  switch (value.kind) {
    case "ref": {
      const output = byName.get(value.resource)?.outputs[value.output];
      return output && follow(output.value, byName);
    }
    case "concat": {
      const parts = value.parts.map((part) => follow(part, byName));
      return parts.every((part) => part !== undefined) ? { kind: "concat", parts } : undefined;
    }
    case "encode": {
      const inner = follow(value.value, byName);
      return inner && { ...value, value: inner };
    }
    default:
      return value;
  }
}

/** True when a secret is somewhere inside: such a value may only end in a file. Follow references first. */
export function tainted(value: Expression): boolean {
  for (const part of walk(value)) if (part.kind === "secret") return true;
  return false;
}
