import type { StackDefinition } from "@caisson/core";

type Schema = StackDefinition["params"]["properties"][string];

/** A parameter's type in words: `integer, 1 to 65535`, `one of "a", "b"`. */
export function describeSchema(schema: Schema): string {
  // JSON Schema's keywords; TypeBox types only those of each kind.
  const {
    type,
    enum: choices,
    anyOf,
    const: constant,
    minimum,
    maximum,
    pattern,
    minLength,
  } = schema as Readonly<Record<string, unknown>>;
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(choices)) return `one of ${choices.map((each) => JSON.stringify(each)).join(", ")}`;
  if (Array.isArray(anyOf)) return `one of ${anyOf.map((each: Schema) => describeSchema(each)).join(", ")}`;
  const range =
    minimum !== undefined && maximum !== undefined
      ? `${String(minimum)} to ${String(maximum)}`
      : minimum !== undefined
        ? `from ${String(minimum)}`
        : maximum !== undefined
          ? `up to ${String(maximum)}`
          : undefined;
  const parts = [
    typeof type === "string" ? type : "value",
    range,
    minLength !== undefined && `at least ${String(minLength)} characters`,
    pattern !== undefined && `like ${String(pattern)}`,
  ];
  return parts.filter((part) => typeof part === "string").join(", ");
}
