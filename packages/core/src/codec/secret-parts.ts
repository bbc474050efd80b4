import type { TSchema } from "typebox";

/**
 * The parts of a configuration value that nobody may print, as the schema's kind tells: the whole of a secret, the
 * password of a URL (as written and decoded). None for other kinds; what is tainted for another reason the caller knows.
 */
export function secretParts(schema: TSchema, value: unknown): string[] {
  if (typeof value !== "string") return [];
  const kind = (schema as { "x-caisson"?: string })["x-caisson"];
  if (kind === "secret") return [value];
  if (kind === undefined || !kind.endsWith("-url")) return [];
  const password = /^[^:]+:\/\/[^/?#]*?:([^/?#]*)@/.exec(value)?.[1] ?? "";
  return [...new Set([password, decoded(password)])].filter((part) => part !== "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded: there is no second form
  }
}
