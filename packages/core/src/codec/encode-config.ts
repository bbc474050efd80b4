import { CaissonError } from "../errors/caisson-error.ts";
import { nearest } from "../errors/nearest.ts";
import type { ConfigSchema } from "../model/contract.ts";
import type { Json } from "../model/expression.ts";
import { envName } from "./env-name.ts";
import { secretParts } from "./secret-parts.ts";
import { encodeText } from "./text.ts";

/**
 * A program's configuration on its way to the process. `env`: variable -> text. `files`: variable -> content; the
 * target writes the content to a file (0600) and sets the variable, which ends in `_FILE`, to that file's path.
 */
export interface EncodedConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

/** Linux refuses a single `NAME=value` above 128 KiB (MAX_ARG_STRLEN); longer texts travel as files well before that. */
const longestText = 32_768;

/**
 * Turns values into environment and files. A value goes into a file when its key is in `tainted`, when its kind says that it
 * holds a secret, or when an environment cannot hold it. Absent (`undefined`) values are left out. A key that the
 * schema lacks throws E_CONFIG; values are not checked here (`decodeConfig` does). {@link decodeConfig} is the inverse.
 */
export function encodeConfig(
  schema: ConfigSchema,
  values: Readonly<Record<string, Json | undefined>>,
  tainted: ReadonlySet<string> = new Set(),
): EncodedConfig {
  const env: Record<string, string> = {};
  const files: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property === undefined) throw unknownKey(key, Object.keys(schema.properties));
    const text = encodeText(property, value);
    if (tainted.has(key) || secretParts(property, value).length > 0 || !fitsEnvironment(text)) {
      files[`${envName(key)}_FILE`] = fileContent(text);
    } else {
      env[envName(key)] = text;
    }
  }
  return { env, files };
}

/** The text of a configuration file: what {@link fileContent} wrote, or what a person wrote with an editor's newline. */
export function textOfFile(content: string): string {
  return content.endsWith("\n") ? content.slice(0, -1) : content;
}

/** One newline at the end of a file is not part of the value, so a value that ends in one gets another. */
function fileContent(text: string): string {
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
