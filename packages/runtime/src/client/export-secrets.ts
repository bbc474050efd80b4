import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BundleSecrets } from "@caisson/core/run";
import { replaceFile } from "../host/atomic-file.ts";
import { ensurePrivateFolder } from "../host/private-folder.ts";
import { makeSecrets } from "../secrets/make-secrets.ts";
import { materialise } from "../secrets/materialise.ts";
import { requireSupplied } from "../secrets/require-supplied.ts";
import { openStoreOf } from "./secrets.ts";
import type { Project } from "./project.ts";

/**
 * Fills the folder that a rendered bundle reads its secrets from. Generated ones that are not there yet are made, as `up`
 * would; where supplied ones are missing, E_SECRET_MISSING names all of them and nothing is written. The folder is closed
 * to others; its files are open, for the engine shows them to users of containers as they are.
 */
export async function exportSecrets(
  project: Project,
  { secrets, files }: BundleSecrets,
  folder: string,
): Promise<void> {
  const store = openStoreOf(project);
  const provided = secrets.flatMap(({ name, source }) => (source.from === "provided" ? [name] : []));
  requireSupplied(
    "the bundle",
    provided.filter((name) => !store.get(name)),
  );
  await makeSecrets(store, secrets, Date.now);
  const values = new Map(secrets.map(({ name }) => [name, store.get(name)]));
  const texts = files.map(({ name, content }) => {
    const text = materialise(content, { secret: (each) => values.get(each), address: absent, path: absent });
    if (text === undefined) throw new Error(`${name} has a part that no bundle knows`);
    return { name, text };
  });
  ensurePrivateFolder(folder, process.getuid?.() ?? 0);
  // The bundle's own script keeps what it draws there: run later, it finds the same values and makes the same files.
  mkdirSync(join(folder, "values"), { recursive: true, mode: 0o700 });
  // An authority's key is not among them: nothing of a bundle signs.
  for (const { name, source } of secrets)
    if (source.from !== "authority") replaceFile(join(folder, "values", name), values.get(name)?.value ?? "", 0o600);
  for (const { name, text } of texts) replaceFile(join(folder, name), text, 0o444);
}

/** Addresses and paths of a bundle were filled in with its files. */
function absent(): undefined {}
