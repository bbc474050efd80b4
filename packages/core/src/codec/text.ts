import type { TSchema } from "typebox";
import type { Json } from "../model/expression.ts";

/**
 * A configuration value as text: as it is where the schema takes strings only, else as JSON. The inverse is {@link decodeText};
 * together they round-trip every value its schema allows.
 */
export function encodeText(schema: TSchema, value: Json): string {
  return takesText(schema) && typeof value === "string" ? value : JSON.stringify(value);
}

/** The value a text stands for under a schema; `undefined` where it stands for none (the caller says what is wrong). */
export function decodeText(schema: TSchema, text: string): Json | undefined {
  if (takesText(schema)) return text;
  try {
    // JSON.parse returns JSON by definition.
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // not JSON: no value
  }
}

/** A schema whose every value is a string reads its text as it is; any other reads JSON. */
function takesText(schema: TSchema): boolean {
  const {
    type,
    const: constant,
    anyOf,
    enum: choices,
  } = schema as {
    type?: unknown;
    const?: unknown;
    anyOf?: readonly TSchema[];
    enum?: readonly unknown[];
  };
  if (type !== undefined) return type === "string";
  if (constant !== undefined) return typeof constant === "string";
  if (choices) return choices.every((choice) => typeof choice === "string");
  return anyOf !== undefined && anyOf.every(takesText);
}
