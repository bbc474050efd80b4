import type { TSchema } from "typebox";

interface SchemaParts {
  readonly type?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly TSchema[];
  readonly items?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly "x-caisson"?: string;
}

const kinds: Readonly<Record<string, string>> = {
  "postgres-url": "a PostgreSQL URL (postgres://user:password@host:port/database)",
  "redis-url": "a Redis URL (redis://host:port)",
  "redis-cluster-url": "a Redis cluster's URL (redis://host:port?addr=host:port)",
  "http-url": "an HTTP URL (http://host:port)",
};

/** What a schema asks for, in words for an error message: `an integer from 1 to 100`, `one of "a", "b"`. */
export function describeSchema(schema: TSchema): string {
  const parts = schema as SchemaParts;
  const kind = parts["x-caisson"];
  if (kind === "secret") return `a secret of at least ${parts.minLength ?? 1} characters`;
  if (kind !== undefined) return kinds[kind] ?? `a ${kind}`;
  if (parts.const !== undefined) return JSON.stringify(parts.const);
  const choices = parts.enum ?? constants(parts.anyOf);
  if (choices) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`;
  if (parts.anyOf) return parts.anyOf.map(describeSchema).join(" or ");
  if (parts.type === "integer" || parts.type === "number") return describeNumber(parts);
  if (parts.type === "string") return describeString(parts);
  if (parts.type === "array") return "a list, as JSON";
  if (parts.type === "object") return "an object, as JSON";
  if (parts.type === "boolean") return "true or false";
  return parts.type === "null" ? "null" : "a value, as JSON";
}

function describeNumber({ type, minimum, maximum }: SchemaParts): string {
  const what = type === "integer" ? "an integer" : "a number";
  if (minimum !== undefined && maximum !== undefined) return `${what} from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${what}, ${minimum} or more`;
  return maximum === undefined ? what : `${what}, ${maximum} or less`;
}

function describeString({ minLength, maxLength, pattern, format }: SchemaParts): string {
  const conditions = [
    minLength !== undefined && `at least ${minLength} characters`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    format !== undefined && `in the form ${format}`,
    pattern !== undefined && `matching ${pattern}`,
  ].filter((condition) => condition !== false);
  return conditions.length === 0 ? "text" : `text (${conditions.join(", ")})`;
}

function constants(anyOf: readonly TSchema[] | undefined): readonly unknown[] | undefined {
  const values = anyOf?.map((branch) => (branch as SchemaParts).const);
  return values?.every((value) => value !== undefined) === true ? values : undefined;
}
