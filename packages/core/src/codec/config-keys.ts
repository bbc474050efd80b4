import { envName } from "./env-name.ts";

/** Variables with a meaning of their own in every program; no configuration key may be delivered as one of them. */
const reservedVariables = [
  "HOST",
  "PORT",
  "MANAGEMENT_HOST",
  "MANAGEMENT_PORT",
  "REUSE_PORT",
  "LOG_LEVEL",
  "PATH",
  "HOME",
  "TZ",
] as const;

const reservedPrefixes = ["CAISSON_", "OTEL_", "NODE_"] as const;

/** What is wrong with the keys of a configuration: form, reserved variables, two keys with one variable. */
export function configKeyProblems(keys: readonly string[]): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  for (const key of keys) {
    if (!/^[a-z][a-zA-Z0-9]{0,59}$/.test(key)) {
      problems.push(`configuration key ${JSON.stringify(key)}: expected camelCase letters and digits, 60 at most`);
      continue;
    }
    const variable = envName(key);
    const reserved = reservedVariables.some((name) => name === variable || `${name}_FILE` === variable);
    if (reserved || reservedPrefixes.some((prefix) => variable.startsWith(prefix))) {
      problems.push(`configuration key ${key}: its variable ${variable} has a meaning of its own; use another key`);
    }
    for (const taken of [variable, `${variable}_FILE`]) {
      const owner = owners.get(taken);
      if (owner === undefined) owners.set(taken, key);
      else problems.push(`configuration keys ${owner} and ${key} both use the variable ${taken}; rename one`);
    }
  }
  return problems;
}
