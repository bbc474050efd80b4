import { Value } from "typebox/value";
import type { TSchema } from "typebox";
import { nearest } from "../errors/nearest.ts";
import type { Problem } from "../errors/problem.ts";
import type { Expression } from "../model/expression.ts";
import type { Resource } from "../model/resource.ts";

/**
 * What a stack passes to a program against what the program declares: missing and unknown keys, wrong kinds. The type
 * checker refuses the same; this holds for stacks that were not type-checked.
 */
export function contractProblems(stack: string, resource: Resource, byName: ReadonlyMap<string, Resource>): Problem[] {
  const schema = resource.program?.config;
  if (!schema) return [];
  const problems: Problem[] = [];
  const report = (key: string, message: string): void => {
    problems.push({ code: "E_CONTRACT", path: `${stack}/${resource.name}/config/${key}`, message });
  };
  const declared = Object.keys(schema.properties);
  for (const key of schema.required ?? []) {
    if (resource.config[key] === undefined)
      report(
        key,
        `is missing: the contract of ${resource.program?.name ?? ""} requires it (${expected(schema.properties[key])})`,
      );
  }
  for (const [key, value] of Object.entries(resource.config)) {
    const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property === undefined) {
      const near = nearest(key, declared);
      report(
        key,
        `is not in the contract${near ? `; did you mean ${near}?` : ""} (declared: ${declared.join(", ") || "nothing"})`,
      );
      continue;
    }
    const wrong = mismatch(property, value, byName, schema.required?.includes(key) ?? false);
    if (wrong !== undefined) report(key, wrong);
  }
  return problems;
}

function mismatch(
  property: TSchema,
  value: Expression,
  byName: ReadonlyMap<string, Resource>,
  required: boolean,
): string | undefined {
  const kind = (property as { "x-caisson"?: string })["x-caisson"];
  if (value.kind === "literal") {
    if (kind === "secret") return "expected a secret, got a literal; use secret(...)";
    return Value.Check(property, value.value)
      ? undefined
      : `expected ${expected(property)}, got ${JSON.stringify(value.value)}`;
  }
  if (value.kind === "secret")
    return kind === "secret" ? undefined : `expected ${expected(property)}, got the secret ${value.name}`;
  if (value.kind !== "ref") return undefined; // composed text: checked when it is decoded
  const target = byName.get(value.resource);
  const output = target?.outputs[value.output];
  if (!target || !output) return undefined; // an unknown reference is a problem of its own
  if (required && target.optional) return `is required, but ${target.name} is optional and may be absent`;
  const wanted =
    kind ??
    ((property as { type?: string }).type === "string"
      ? "text"
      : (property as { type?: string }).type === "integer"
        ? "number"
        : (property as { type?: string }).type);
  return output.type === wanted
    ? undefined
    : `expected ${expected(property)}, got ${target.name}.${value.output}, a ${output.type}`;
}

function expected(property: TSchema | undefined): string {
  const { "x-caisson": kind, type } = (property ?? {}) as { "x-caisson"?: string; type?: unknown };
  return kind === undefined ? String(type ?? "another value") : `a ${kind}`;
}
