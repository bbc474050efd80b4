import { Value } from "typebox/value";
import type { TSchema } from "typebox";
import type { Problem } from "../errors/problem.ts";
import type { ConfigOf, ConfigSchema } from "../model/contract.ts";
import type { Json } from "../model/expression.ts";
import { describeSchema } from "./describe-schema.ts";
import { textOfFile } from "./encode-config.ts";
import { envName } from "./env-name.ts";
import { secretParts } from "./secret-parts.ts";
import { decodeText } from "./text.ts";

/** One configuration key that is missing or wrong. `got` never holds the value of anything that may be a secret. */
export interface ConfigProblem extends Problem {
  readonly key: string;
  readonly variable: string;
  readonly expected: string;
  readonly got: string;
}

/** The configuration, with the parts of it that nobody may print; or every problem at once. */
export type DecodedConfig<S extends ConfigSchema> =
  | { readonly config: ConfigOf<S>; readonly secrets: readonly string[] }
  | { readonly problems: readonly ConfigProblem[] };

/** What a variable said: a text and whether it came from a file, nothing, or why it could not be had. */
type Source = { readonly text: string; readonly file: boolean } | { readonly missing: true } | { readonly got: string };

/**
 * Reads a program's configuration: key `databaseUrl` from DATABASE_URL, or from the file that DATABASE_URL_FILE names.
 * Defaults of the schema are applied, variables of no declared key ignored. `readFile` returns a file's text or throws.
 */
export function decodeConfig<S extends ConfigSchema>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): DecodedConfig<S> {
  const values: Record<string, Json> = {};
  const problems: ConfigProblem[] = [];
  const secrets: string[] = [];
  for (const [key, property] of Object.entries(schema.properties)) {
    const source = read(envName(key), env, readFile);
    const required = schema.required?.includes(key) === true && !Object.hasOwn(property, "default");
    if ("missing" in source) {
      if (required) problems.push(problem(key, property, "nothing"));
      continue;
    }
    if ("got" in source) {
      problems.push(problem(key, property, source.got));
      continue;
    }
    const value = withDefaults(property, decodeText(property, source.text));
    if (source.file) secrets.push(source.text);
    secrets.push(...secretParts(property, source.text));
    if (value === undefined || !Value.Check(property, value)) {
      problems.push(problem(key, property, got(property, source, value)));
    } else {
      values[key] = value;
    }
  }
  if (problems.length > 0) return { problems };
  // Each property was checked above; what remains is the schema's own defaults for absent keys.
  return { config: Value.Default(schema, values) as ConfigOf<S>, secrets: [...new Set(secrets)] };
}

function read(
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Source {
  const text = env[variable];
  const path = env[`${variable}_FILE`];
  if (text !== undefined && path !== undefined) return { got: `both ${variable} and ${variable}_FILE; set one` };
  if (text !== undefined) return { text, file: false };
  if (path === undefined) return { missing: true };
  try {
    return { text: textOfFile(readFile(path)), file: true };
  } catch (error) {
    // The path is not a secret, and whoever mends this needs it.
    const reason = (error as { code?: unknown }).code ?? (error instanceof Error ? error.message : String(error));
    return { got: `${variable}_FILE=${path}, which cannot be read (${String(reason)})` };
  }
}

function withDefaults(property: TSchema, value: Json | undefined): Json | undefined {
  // Value.Default keeps JSON JSON; an absent value stays absent here, so that one rule decides about missing keys.
  return value === undefined ? undefined : (Value.Default(property, value) as Json);
}

function got(property: TSchema, source: { text: string; file: boolean }, value: Json | undefined): string {
  const hidden = source.file || (property as { "x-caisson"?: string })["x-caisson"] !== undefined;
  if (hidden) return `a text of ${source.text.length} characters that does not fit`;
  const text = source.text.length > 60 ? `${source.text.slice(0, 60)}...` : source.text;
  if (value === undefined) return `${JSON.stringify(text)}, which is not JSON`;
  const [first] = Value.Errors(property, value);
  const where = first?.instancePath ? ` (${first.message} at ${first.instancePath})` : "";
  return `${JSON.stringify(text)}${where}`;
}

function problem(key: string, property: TSchema, gotText: string): ConfigProblem {
  const variable = envName(key);
  const expected = describeSchema(property);
  return {
    code: "E_CONFIG",
    path: key,
    key,
    variable,
    expected,
    got: gotText,
    message: `${variable} or ${variable}_FILE: expected ${expected}, got ${gotText}`,
  };
}
