import type { Program } from "@caisson/core";
import type { TObject, TSchema } from "typebox";
import { problemTable } from "./problem-table.ts";
import { problemType } from "./problem.ts";
import type { Guard } from "./guard.ts";
import type { Route } from "./route.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * The routes as an OpenAPI 3.1 document. Its schemas are JSON Schema, which is what TypeBox's are, so they go in as they are;
 * a route's guard becomes its security requirement. @fastify/swagger would have to be loaded before the first route, that is
 * before the program is ready, and knows no guards.
 */
export function openApi(program: Program, routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const schemes: Record<string, Json> = {};
  for (const route of routes) {
    const { guard } = route.options;
    if (guard !== "public") schemes[guard.name] = schemeOf(guard);
    const path = route.path.replaceAll(/:([A-Za-z0-9_]+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: "3.1.0",
    info: { title: program.name, version: String(program.contractVersion) },
    paths,
    components: { schemas: { Problem: problemSchema }, securitySchemes: schemes },
  };
}

function operation({ options }: Route): Json {
  const { schema = {}, guard, summary, description, tags } = options;
  const bodies = options.ownBody ?? (schema.body && { "application/json": schema.body });
  const parameters = [
    ...parametersOf("path", schema.params),
    ...parametersOf("query", schema.query),
    ...parametersOf("header", schema.headers),
  ];
  return {
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
    ...(tags && { tags }),
    security: guard === "public" ? [] : [{ [guard.name]: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(bodies && { requestBody: { required: true, content: contentOf(bodies) } }),
    responses: {
      ...Object.fromEntries(Object.entries(schema.response ?? {}).map(([status, body]) => [status, answer(body)])),
      default: {
        description: "A problem",
        content: { [problemType]: { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function contentOf(bodies: Readonly<Record<string, TSchema>>): Json {
  return Object.fromEntries(Object.entries(bodies).map(([type, schema]) => [type, { schema }]));
}

function parametersOf(place: "path" | "query" | "header", schema: TObject | undefined): Json[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    // What has a default may be left out: it is filled in before the check.
    required: place === "path" || (schema?.required?.includes(name) === true && !Object.hasOwn(property, "default")),
    schema: property,
  }));
}

function answer(schema: TSchema): Json {
  const { description } = schema as { description?: string };
  return { description: description ?? "The answer", content: { "application/json": { schema } } };
}

function schemeOf(guard: Guard<unknown>): Json {
  return guard.scheme ?? { type: "http", scheme: "bearer" };
}

const text = { type: "string" } as const;

const problemSchema: Json = {
  type: "object",
  required: ["type", "title", "status", "code", "detail"],
  properties: {
    type: text,
    title: text,
    status: { type: "integer" },
    code: { ...text, examples: Object.keys(problemTable) },
    detail: text,
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["path", "code", "message"],
        properties: { path: { ...text, description: "A JSON pointer into the request" }, code: text, message: text },
      },
    },
    request_id: text,
  },
};
