import { encodeText, envName, type Json, type StackDefinition } from "@caisson/core";
import { describeSchema } from "./describe-schema.ts";

/** A template for `.env`: every parameter with its meaning, type and default; what has no default is left to fill in. */
export function envExample(definition: StackDefinition, environment: string): string {
  const { name, params, environments } = definition;
  const blocks = Object.entries(params.properties).map(([key, schema]) => {
    const { description, default: fallback } = schema as { readonly description?: string; readonly default?: Json };
    const given = environments[environment]?.[key];
    // Values of environments are JSON by the types of defineStack.
    const value = given === undefined ? fallback : (given as Json);
    const required = params.required?.includes(key) === true && value === undefined;
    const text = value === undefined ? "" : quote(encodeText(schema, value));
    const lines = [
      `# ${key}: ${[description, describeSchema(schema)].filter(Boolean).join("; ")}`,
      required
        ? "# no default: has to be set"
        : value === undefined
          ? "# may be left out"
          : `# ${given === undefined ? "default" : `set by environment ${environment}`}`,
      `${required ? "" : "#"}${envName(key)}=${text}`,
    ];
    return lines.join("\n");
  });
  const head = [
    `# Parameters of the stack ${name}, environment ${environment}. Copy to .env beside the stack file, or pass with --env-file.`,
    "# --set and environment variables are stronger. Secrets do not belong here: `caisson secret set NAME`.",
  ];
  return `${[head.join("\n"), ...blocks].join("\n\n")}\n`;
}

/** As .env files are read: bare where it is plain, else in single quotes, which nothing is replaced in. */
function quote(text: string): string {
  if (/^[\w@%+:,./-]*$/.test(text)) return text;
  return text.includes("'") ? JSON.stringify(text) : `'${text}'`;
}
