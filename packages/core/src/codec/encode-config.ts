import { CaissonError } from "../errors/caisson-error.ts";
import { nearest } from "../errors/nearest.ts";
import type { ConfigSchema } from "../model/contract.ts";
import { literal, type Expression } from "../model/expression.ts";
import { tainted } from "../resolve/follow.ts";
import { envName } from "./env-name.ts";
import { secretParts } from "./secret-parts.ts";
import { encodeText } from "./text.ts";

/**
 * A program's configuration on its way to the process. The target writes each of `files` to a file (0600), as
 * {@link fileText} says, and sets the key's variable with `_FILE` at its end to that file's path.
 */
export interface EncodedConfig {
  /** Variable -> text. */
  readonly env: Readonly<Record<string, Expression>>;
  /** Key -> text. */
  readonly files: Readonly<Record<string, Expression>>;
}

/** Linux refuses a single `NAME=value` above 128 KiB (MAX_ARG_STRLEN); longer texts travel as files well before that. */
const longestText = 32_768;

/**
 * Turns values, their references followed, into environment and files. A value goes into a file when it is tainted, when its
 * kind says that it holds a secret, or when an environment cannot hold it. Absent (`undefined`) values are left out. A key that
 * the schema lacks throws E_CONFIG; values are not checked here (`decodeConfig` does). {@link decodeConfig} is the inverse.
 */
export function encodeConfig(
  schema: ConfigSchema,
  values: Readonly<Record<string, Expression | undefined>>,
): EncodedConfig {
  const env: Record<string, Expression> = {};
  const files: Record<string, Expression> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property === undefined) throw unknownKey(key, Object.keys(schema.properties));
    if (value.kind !== "literal") {
      if (tainted(value)) files[key] = value;
      else env[envName(key)] = value;
      continue;
    }
    const text = encodeText(property, value.value);
    if (secretParts(property, value.value).length > 0 || !fitsEnvironment(text)) files[key] = literal(text);
    else env[envName(key)] = literal(text);
  }
  return { env, files };
}

/** The text of a configuration file: what {@link fileText} made, or what a person wrote with an editor's newline. */
export function textOfFile(content: string): string {
  return content.endsWith("\n") ? content.slice(0, -1) : content;
}

/** What a configuration file holds. One newline at its end is not part of the value, so a value that ends in one gets another. */
export function fileText(text: string): string {
  return text.endsWith("\n") ? `${text}\n` : text;
}

/** An environment string ends at NUL, and is bounded. */
function fitsEnvironment(text: string): boolean {
  return text.length <= longestText && !text.includes("\0");
}

function unknownKey(key: string, declared: readonly string[]): CaissonError {
  const near = nearest(key, declared);
  return new CaissonError(
    "E_CONFIG",
    `configuration key ${key} is not in the contract${near ? `; did you mean ${near}?` : ""} (declared: ${declared.join(", ") || "nothing"})`,
  );
}
