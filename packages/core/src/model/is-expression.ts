import type { Expression } from "./expression.ts";

const kinds: ReadonlySet<string> = new Set<Expression["kind"]>([
  "literal",
  "ref",
  "secret",
  "address",
  "path",
  "concat",
  "encode",
]);

/** True for plain data of an expression's shape, from whichever copy of this package it came. */
export function isExpression(value: unknown): value is Expression {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  const { kind } = value;
  return typeof kind === "string" && kinds.has(kind);
}
