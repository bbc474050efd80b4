import { encodeText, envName, type Json, type StackDefinition } from "@caisson/core";
import type { Context } from "../context.ts";
import { isJson } from "../args/format.ts";
import { openStack } from "../project/open.ts";
import { paramSources } from "../project/param-sources.ts";
import { fitting, tableLines } from "../render/table.ts";
import type { ConfigArguments } from "../verbs/config.ts";
import { describeSchema } from "./describe-schema.ts";
import { envExample } from "./env-example.ts";

/** Prints parameters and where they come from, the whole stack as JSON, or a template for `.env`. */
export async function runConfig(context: Context, { flags }: ConfigArguments): Promise<void> {
  const open = await openStack(context, flags);
  const { stdout } = context;
  if (flags["env-example"]) return void stdout.write(envExample(await open.definition(), open.project.environment));
  const resolved = await open.resolve(flags);
  if (isJson(flags.format)) {
    const text = JSON.stringify({ ...resolved, file: open.file }, null, flags.format === "json" ? 2 : 0);
    return void stdout.write(`${text}\n`);
  }
  const definition = await open.definition();
  const properties = Object.entries(definition.params.properties);
  const sources = paramSources(
    context,
    open,
    flags,
    properties.map(([name]) => envName(name)),
  );
  stdout.write(
    `stack ${resolved.name}, environment ${resolved.environment}, profiles ${profilesText(resolved.profiles)}\n`,
  );
  if (properties.length === 0) return void stdout.write("it has no parameters\n");
  const rows = properties.map(([name, schema]) => {
    const value: Json | undefined = resolved.params[name];
    const shown = value === undefined ? "" : encodeText(schema, value);
    return [
      name,
      shown,
      origin(definition, resolved.environment, name, sources),
      envName(name),
      describeSchema(schema),
    ];
  });
  const columns = [
    { title: "PARAMETER" },
    { title: "VALUE", min: 12 },
    { title: "FROM", drop: 2 },
    { title: "VARIABLE", drop: 3 },
    { title: "TYPE", min: 12, drop: 1 },
  ];
  stdout.write(`${tableLines(columns, rows, fitting(stdout)).join("\n")}\n`);
}

function profilesText({
  all,
  active,
}: {
  readonly all: readonly string[];
  readonly active: readonly string[];
}): string {
  if (all.length === 0) return "none";
  return all.map((name) => (active.includes(name) ? name : `(${name})`)).join(" ");
}

/** The first source that has a value, in the order in which they count. */
function origin(
  definition: StackDefinition,
  environment: string,
  name: string,
  { set, env, dotenv }: ReturnType<typeof paramSources>,
): string {
  const variable = envName(name);
  if (set[name] !== undefined) return "--set";
  if (env[variable] !== undefined) return "environment variable";
  if (dotenv[variable] !== undefined) return ".env";
  if (definition.environments[environment]?.[name] !== undefined) return `environment ${environment}`;
  return "default";
}
