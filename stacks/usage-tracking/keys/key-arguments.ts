import { parseArgs } from "node:util";
import { CaissonError } from "@caisson/core";
import { keyScopes, type KeyScope } from "./key-cache.ts";

type Options<N extends string> = Readonly<Partial<Record<N, string>>>;

/** The options of a command about keys, each with a value, and nothing else. Throws E_VALUE that says how it is called. */
export function readOptions<N extends string>(args: readonly string[], names: readonly N[], usage: string): Options<N> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: "string" }] as const));
    // Strict: no name but those of `options` comes back.
    return parseArgs({ args: [...args], options }).values as Options<N>;
  } catch (error) {
    // Not what was given: somebody may have pasted a key.
    throw new CaissonError("E_VALUE", `expected ${usage}; got something else`, { cause: error });
  }
}

/** The id of a key, the only argument. A whole key is refused without being repeated: it is a secret. */
export function readKeyId(args: readonly string[]): string {
  const [id = ""] = args;
  if (args.length === 1 && /^[0-9A-Za-z]{12}$/.test(id)) return id;
  throw new CaissonError(
    "E_VALUE",
    "expected the id of a key: the 12 characters after its environment, never the whole",
  );
}

/** A tenant's name. */
export function readTenant(tenant: string | undefined, usage: string): string {
  if (tenant !== undefined && tenant !== "" && [...tenant].length <= 255 && tenant.isWellFormed()) return tenant;
  throw new CaissonError("E_VALUE", `expected ${usage}, got ${JSON.stringify(tenant ?? "nothing")}`);
}

/** Scopes, separated by commas. */
export function readScopes(text: string): readonly KeyScope[] {
  const names = text.split(",");
  const scopes = keyScopes.filter((scope) => names.includes(scope));
  if (scopes.length === names.length) return scopes;
  throw new CaissonError("E_VALUE", `expected --scopes of ${keyScopes.join(", ")}, got ${JSON.stringify(text)}`);
}
