import { decodeText } from "@caisson/core";
import type { TSchema } from "typebox";

/**
 * The text of a query, a path or the headers as values: the same reading of text as the configuration's (core's codec), so `limit=10` is a
 * number where the schema says so, `limit=ten` and `limit=0x10` are not. A list takes a repeated key, or a single one.
 * What cannot be read stays text, and the check then says what is wrong with it.
 */
export function decodeTexts(
  properties: Readonly<Record<string, TSchema>>,
  texts: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  // Without a prototype, `__proto__` is a key like any other, and is refused like any other.
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, raw] of Object.entries(texts)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property === undefined || raw === undefined) values[key] = raw;
    else
      values[key] = isList(property)
        ? listOf(raw).map((text) => decodeOne(property.items, text))
        : decodeOne(property, raw);
  }
  for (const [key, property] of Object.entries(properties)) {
    if (values[key] === undefined && Object.hasOwn(property, "default")) {
      values[key] = (property as { default?: unknown }).default;
    }
  }
  return values;
}

function decodeOne(schema: TSchema, raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  const value = decodeText(schema, raw);
  return value === undefined || typeof value === "object" ? raw : value;
}

function isList(schema: TSchema): schema is TSchema & { readonly items: TSchema } {
  const { type, items } = schema as { type?: unknown; items?: unknown };
  return type === "array" && typeof items === "object" && items !== null;
}

function listOf(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : [raw];
}
