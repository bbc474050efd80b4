import type { Problem } from "../../errors/problem.ts";
import type { ContainerUser } from "../../model/container.ts";
import type { Optional } from "../../model/optional.ts";
import { imageReference, postgresReleases, type PartName } from "../versions.ts";

/** The image a PostgreSQL with these extensions runs from. */
export interface PostgresImage {
  readonly part: PartName;
  readonly user: ContainerUser;
  readonly has: (extension: string) => boolean;
  readonly problems: readonly Problem[];
}

/**
 * The first image that has all extensions, the optional ones too; else the first that has those the stack cannot do
 * without. None: a problem that says of each image what it lacks.
 */
export function postgresImage(name: string, major: number, extensions: readonly (string | Optional)[]): PostgresImage {
  const releases = postgresReleases(major);
  const names = extensions.map((each) => (typeof each === "string" ? each : each.name));
  const required = extensions.filter((each) => typeof each === "string");
  const lacking = (wanted: readonly string[]): string[][] =>
    releases.map((each) => wanted.filter((extension) => !each.extensions.includes(extension)));
  const fits = (wanted: readonly string[]): number => lacking(wanted).findIndex((missing) => missing.length === 0);
  const chosen = releases[fits(names)] ?? releases[fits(required)];
  const lacks = lacking(required).map(
    (missing, index) => `${imageReference(releases[index] ?? { image: "", tag: "" })} lacks ${missing.join(", ")}`,
  );
  return {
    part: chosen?.part ?? "postgres",
    // Alpine's postgres is 70, Debian's 999.
    user: chosen?.part === "timescaledb" ? { uid: 70, gid: 70 } : { uid: 999, gid: 999 },
    has: (extension) => chosen?.extensions.includes(extension) === true,
    problems: chosen
      ? []
      : [
          {
            code: "E_VALUE",
            path: `${name}/extensions`,
            message: `expected extensions that one image of PostgreSQL ${major} has, got ${required.join(", ")}: ${lacks.join("; ")}`,
          },
        ],
  };
}
