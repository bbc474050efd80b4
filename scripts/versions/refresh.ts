import { newerTag } from "./newer-tag.ts";
import { digestOf, RegistryError, repositoryOf, tagsOf, type Repository } from "./registry.ts";

/** What of `versions.json` a registry can tell. */
export interface VersionsFile {
  readonly parts: Readonly<Record<string, { readonly releases: Readonly<Record<string, Row>> }>>;
}

interface Row {
  readonly image: string;
  readonly tag: string;
  readonly digest: string | null;
}

/** The file with the digests of its tags, and what was learnt, one line a release. */
export interface Refreshed<F> {
  readonly file: F;
  readonly said: readonly string[];
  /** Releases whose registry told nothing. */
  readonly failed: number;
}

/**
 * Asks each release's registry for the digest of its tag, and for a newer tag of the same line, which is told and not taken:
 * what changes there is read by a person first. A registry that cannot be reached leaves the release as it was.
 */
export async function refresh<F extends VersionsFile>(
  file: F,
  locate: (image: string) => Repository = repositoryOf,
): Promise<Refreshed<F>> {
  const said: string[] = [];
  const unreachable = new Map<string, string>();
  let failed = 0;
  const parts: Record<string, unknown> = {};
  for (const [part, entry] of Object.entries(file.parts)) {
    const releases: Record<string, Row> = {};
    for (const [line, row] of Object.entries(entry.releases)) {
      const repository = locate(row.image);
      const name = `${part} ${line} (${row.image}:${row.tag})`;
      const told = unreachable.get(repository.origin) ?? (await askFor(row, line, repository));
      if (typeof told === "string") {
        failed++;
        unreachable.set(repository.origin, told);
      }
      const result = typeof told === "string" ? { row, words: told } : told;
      failed += result.failed === true ? 1 : 0;
      releases[line] = result.row;
      said.push(`${name}: ${result.words}`);
    }
    parts[part] = { ...entry, releases };
  }
  return { file: { ...file, parts }, said, failed };
}

interface Told {
  readonly row: Row;
  readonly words: string;
  readonly failed?: boolean;
}

/** A text: nobody answered, and asking again for another image would not help. */
async function askFor(row: Row, line: string, repository: Repository): Promise<Told | string> {
  try {
    const digest = await digestOf(repository, row.tag);
    const newer = newerTag(row.tag, line, await tagsOf(repository));
    const words = digest === row.digest ? "unchanged" : `digest ${digest}`;
    return { row: { ...row, digest }, words: newer === undefined ? words : `${words}; newer: ${newer}` };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return error.unreachable ? error.message : { row, words: error.message, failed: true };
  }
}
