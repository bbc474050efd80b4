import { Value } from "typebox/value";
import type { TSchema } from "typebox";
import { decodeText } from "../codec/text.ts";
import { envName } from "../codec/env-name.ts";
import { nearest } from "../errors/nearest.ts";
import type { Problem } from "../errors/problem.ts";
import type { Json } from "../model/expression.ts";
import type { StackDefinition } from "../model/stack.ts";

/** Where parameters come from, strongest first: `--set`, environment variables, the `.env` file. All are text. */
export interface ParamSources {
  readonly set: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dotenv: Readonly<Record<string, string>>;
}

/** No outside source. */
export const noParamSources: ParamSources = { set: {}, env: {}, dotenv: {} };

/**
 * The parameters of one environment: `--set`, environment variable, `.env`, the environment's value, the default.
 * Environment variables are named as a program's are: `publicPort` is `PUBLIC_PORT`.
 */
export function resolveParams(
  definition: StackDefinition,
  environment: string,
  sources: ParamSources,
): { readonly params: Readonly<Record<string, Json>>; readonly problems: readonly Problem[] } {
  const { properties } = definition.params;
  const names = Object.keys(properties);
  const given = definition.environments[environment] ?? {};
  const at = (name: string): string => `${definition.name}/params/${name}`;
  const problems: Problem[] = [
    ...Object.keys(sources.set)
      .filter((name) => !Object.hasOwn(properties, name))
      .map((name) => unknown(at(name), "--set", name, names)),
    ...Object.keys(given)
      .filter((name) => !Object.hasOwn(properties, name))
      .map((name) => unknown(at(name), `environment ${environment}`, name, names)),
  ];
  const params: Record<string, Json> = {};
  for (const [name, schema] of Object.entries(properties)) {
    const found = lookUp(name, schema, given, sources);
    if (found === undefined) {
      if (definition.params.required?.includes(name))
        problems.push({ code: "E_PARAM", path: at(name), message: missing(name, schema) });
      continue;
    }
    if (found.value !== undefined && Value.Check(schema, found.value)) params[name] = found.value;
    else
      problems.push({
        code: "E_PARAM",
        path: at(name),
        message: `expected ${describe(schema)}, got ${JSON.stringify(found.raw)} from ${found.from}`,
      });
  }
  return { params, problems };
}

interface Found {
  readonly value: Json | undefined;
  readonly raw: unknown;
  readonly from: string;
}

function lookUp(
  name: string,
  schema: TSchema,
  given: Readonly<Record<string, unknown>>,
  sources: ParamSources,
): Found | undefined {
  const variable = envName(name);
  const texts: readonly (readonly [string | undefined, string])[] = [
    [sources.set[name], "--set"],
    [sources.env[variable], `environment variable ${variable}`],
    [sources.dotenv[variable], `.env (${variable})`],
  ];
  for (const [text, from] of texts) if (text !== undefined) return { value: decodeText(schema, text), raw: text, from };
  // JSON by the types of defineStack; checked against the schema by the caller.
  if (given[name] !== undefined)
    return { value: given[name] as Json, raw: given[name], from: "the environment's value" };
  const fallback = (schema as { default?: Json }).default;
  return fallback === undefined ? undefined : { value: fallback, raw: fallback, from: "the default" };
}

function unknown(path: string, from: string, name: string, names: readonly string[]): Problem {
  const near = nearest(name, names);
  const known = names.length === 0 ? "the stack has no parameters" : `known: ${names.join(", ")}`;
  return {
    code: "E_PARAM",
    path,
    message: `${from} names an unknown parameter${near ? `; did you mean ${near}?` : ""} (${known})`,
  };
}

function missing(name: string, schema: TSchema): string {
  return `is missing: expected ${describe(schema)} from --set ${name}=..., ${envName(name)} or the environment's value`;
}

function describe(schema: TSchema): string {
  const { type, minimum, maximum, enum: choices, anyOf, description } = schema as Record<string, unknown>;
  if (Array.isArray(choices)) return `one of ${choices.join(", ")}`;
  if (Array.isArray(anyOf))
    return `one of ${anyOf.map((each: { const?: unknown }) => JSON.stringify(each.const)).join(", ")}`;
  const range = [minimum !== undefined && `>= ${String(minimum)}`, maximum !== undefined && `<= ${String(maximum)}`]
    .filter(Boolean)
    .join(" and ");
  return [String(type ?? "a value"), range, description && `(${String(description)})`].filter(Boolean).join(" ");
}
