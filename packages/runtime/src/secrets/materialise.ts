import { walk, type Expression, type Json } from "@caisson/core/run";
import { deriveSalt, encodeOps } from "./encode.ts";

/** What a secret is to an expression: its text and the salt of its version. */
export interface SecretText {
  readonly value: string;
  readonly salt: string;
}

/** Where the late parts of an expression come from. `undefined`: it is not there, and then the whole has no value. */
export interface MaterialiseContext {
  secret(name: string): SecretText | undefined;
  address(at: Extract<Expression, { kind: "address" }>): string | undefined;
  path(to: Extract<Expression, { kind: "path" }>): string | undefined;
}

/**
 * The text of an expression whose references have been followed. Deterministic: the same expression, addresses and
 * secret versions give the same bytes. A literal that is no text becomes its JSON. What contains a secret is returned
 * in the clear: it goes into a file and nowhere else.
 */
export function materialise(expression: Expression, context: MaterialiseContext): string | undefined {
  switch (expression.kind) {
    case "literal":
      return literalText(expression.value);
    case "secret":
      return context.secret(expression.name)?.value;
    case "address":
      return context.address(expression);
    case "path":
      return context.path(expression);
    case "concat": {
      const parts = expression.parts.map((part) => materialise(part, context));
      return parts.every((part) => part !== undefined) ? parts.join("") : undefined;
    }
    case "encode": {
      const { op, value } = expression;
      const text = materialise(value, context);
      return text === undefined
        ? undefined
        : encodeOps[op](text, (bytes) => deriveSalt(saltOf(value, context), op, bytes));
    }
    case "ref":
      throw new Error(`the reference ${expression.resource}.${expression.output} was not followed`);
  }
}

function literalText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The salts of all secrets inside; a salted encoding of something that is no secret has none of its own, so it gets an empty one. */
function saltOf(value: Expression, context: MaterialiseContext): string {
  const salts = [...walk(value)].flatMap((part) =>
    part.kind === "secret" ? [context.secret(part.name)?.salt ?? ""] : [],
  );
  return salts.join("");
}
