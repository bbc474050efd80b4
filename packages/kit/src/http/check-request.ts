import type { FastifyRequest } from "fastify";
import { Type, type TObject } from "typebox";
import { check } from "./compiled.ts";
import { explain } from "./explain.ts";
import { httpProblem, type FieldError } from "./problem.ts";
import { decodeTexts } from "./query.ts";
import type { RouteSchema } from "./route.ts";

/** Checks a request; throws `validation_failed` with every error of every part at once. */
export type RequestCheck = (request: FastifyRequest) => void;

/** The check of a route. Parts that arrive as text are replaced by their values. */
export function requestCheck(schema: RouteSchema): RequestCheck {
  const query = closed(schema.query ?? Type.Object({}));
  return (request) => {
    const errors: FieldError[] = [];
    if (schema.params) request.params = checked(schema.params, request.params, "/path", errors);
    request.query = checked(query, request.query, "/query", errors);
    if (schema.headers) checked(schema.headers, request.headers, "/headers", errors);
    if (schema.body && !check(schema.body, request.body)) errors.push(...explain(schema.body, request.body, "/body"));
    if (errors.length === 0) return;
    const [first] = errors;
    const rest = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
    throw httpProblem("validation_failed", `${first?.path}: ${first?.message}${rest}`, { errors });
  };
}

/** Misspelt and doubled query keys are answered, never ignored. */
function closed(schema: TObject): TObject {
  return Object.hasOwn(schema, "additionalProperties")
    ? schema
    : Type.Object(schema.properties, { additionalProperties: false });
}

function checked(schema: TObject, texts: unknown, path: string, errors: FieldError[]): Record<string, unknown> {
  // Fastify gives the path's, the query's and the headers' parts as an object of texts.
  const values = decodeTexts(schema.properties, texts as Record<string, unknown>);
  if (!check(schema, values)) errors.push(...explain(schema, values, path));
  return values;
}
