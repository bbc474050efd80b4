import versions from "./versions.json" with { type: "json" };
import { CaissonError } from "../errors/caisson-error.ts";

/** A product of the catalogue, by the name `versions.json` has it under. */
export type PartName = keyof typeof versions.parts;

/** One release line of a part: what is run, until when it is maintained, and under which licence. */
export interface Release {
  readonly part: PartName;
  /** The line's name: `18`, `9.1`. */
  readonly line: string;
  readonly image: string;
  readonly tag: string;
  /** Absent: no registry has told it to us yet; then the tag alone is pinned. */
  readonly digest?: string;
  /** ISO date after which nobody mends it. Absent: its makers name none and expect the newest to be run. */
  readonly endOfLife?: string;
  readonly licence: string;
  /** What of the above was not read at its source. */
  readonly unverified?: string;
}

/** A PostgreSQL image's own extensions, by their SQL names. */
export interface PostgresRelease extends Release {
  readonly extensions: readonly string[];
}

/** Something people ask for by its old name, and what took its place. */
export interface Gone {
  readonly name: string;
  readonly images: readonly string[];
  readonly since: string;
  readonly successor: string;
}

interface Row {
  readonly image: string;
  readonly tag: string;
  readonly digest: string | null;
  readonly endOfLife: string | null;
  readonly licence: string;
  readonly unverified?: string;
  readonly extensions?: readonly string[];
}

interface Part {
  readonly default: string;
  readonly releases: Readonly<Record<string, Row>>;
}

/** Parts that nobody maintains any more. */
export const gone: readonly Gone[] = versions.gone;

// The JSON file's own type has a key of its own for each release; a test checks each row against `Row`.
const parts = versions.parts as Readonly<Record<PartName, Part>>;

/** The names of all parts. */
export const partNames = Object.keys(parts) as readonly PartName[];

/** The lines a part is offered in, the default one first. */
export function linesOf(part: PartName): readonly string[] {
  const { default: first, releases } = parts[part];
  return [first, ...Object.keys(releases).filter((line) => line !== first)];
}

/** A line of a part; without one, the default. Throws E_VALUE for a line the catalogue does not have. */
export function release(part: PartName, line: string = parts[part].default): Release {
  const row = parts[part].releases[line];
  if (row) return fromRow(part, line, row);
  throw new CaissonError(
    "E_VALUE",
    `expected ${part} ${linesOf(part).join(" or ")}, which the catalogue has, got ${JSON.stringify(line)}`,
  );
}

const postgresParts = ["postgres", "pgvector", "timescaledb"] as const satisfies readonly PartName[];

/** The images of a PostgreSQL major with the extensions each has, PostgreSQL's own contributed ones included. */
export function postgresReleases(major: number): readonly PostgresRelease[] {
  return postgresParts.flatMap((part) => {
    const row = parts[part].releases[String(major)];
    return row
      ? [{ ...fromRow(part, String(major), row), extensions: [...versions.contrib, ...(row.extensions ?? [])] }]
      : [];
  });
}

/** `image:tag@digest`; the digest where it is known. */
export function imageReference({ image, tag, digest }: Pick<Release, "image" | "tag" | "digest">): string {
  return `${image}:${tag}${digest === undefined ? "" : `@${digest}`}`;
}

/** The entry of an image nobody maintains any more, tag and registry aside; `undefined` for all others. */
export function goneImage(reference: string): Gone | undefined {
  const plain = reference.replace(/@.*$/, "").replace(/^docker\.io\/(?:library\/)?/, "");
  return gone.find(({ images }) =>
    images.some((image) =>
      // `traefik:2` stands for 2 and 2.x
      image.includes(":") ? plain === image || plain.startsWith(`${image}.`) : plain.replace(/:[^/]*$/, "") === image,
    ),
  );
}

function fromRow(part: PartName, line: string, row: Row): Release {
  const { image, tag, digest, endOfLife, licence, unverified } = row;
  return {
    part,
    line,
    image,
    tag,
    licence,
    ...(digest !== null && { digest }),
    ...(endOfLife !== null && { endOfLife }),
    ...(unverified !== undefined && { unverified }),
  };
}
