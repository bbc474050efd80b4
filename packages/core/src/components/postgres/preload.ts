import type { Optional } from "../../model/optional.ts";
import { literal, type Expression } from "../../model/expression.ts";
import type { Settings } from "../settings.ts";

/** Extensions that cannot be made, or see nothing, in a server that started without their library. */
const preloaded = ["timescaledb", "pg_stat_statements"];

/** What a server loads before it serves. */
export interface Preload {
  /** For the settings' file: what the stack cannot do without, so wherever the server runs it is there. */
  readonly settings: Settings;
  /** For the command in a container: with the optional ones that its image has. */
  readonly args: readonly Expression[];
  /** The user's settings without the one that is joined here. */
  readonly extra: Settings;
}

/** The libraries that `extensions` want, before those that the user's own `shared_preload_libraries` names. */
export function preload(
  extensions: readonly (string | Optional)[],
  inImage: (extension: string) => boolean,
  { shared_preload_libraries: own = "", ...extra }: Settings = {},
): Preload {
  const named = String(own)
    .split(/[\s,]+/)
    .filter(Boolean);
  const joined = (wanted: readonly string[]): string =>
    [...new Set([...preloaded.filter((library) => wanted.includes(library)), ...named])].join(",");
  const always = joined(extensions.filter((each) => typeof each === "string"));
  const here = joined(extensions.map((each) => (typeof each === "string" ? each : each.name)).filter(inImage));
  return {
    settings: always === "" ? {} : { shared_preload_libraries: always },
    args: here === always ? [] : [literal("-c"), literal(`shared_preload_libraries=${here}`)],
    extra,
  };
}
