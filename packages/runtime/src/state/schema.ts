import { CaissonError } from "@caisson/core/run";
import type { Content } from "./table.ts";

/**
 * One step forward: the whole content at one version, made into the next. Pure. The first step leads from version 1
 * to 2, so the newest version is the number of steps plus one.
 */
export type Migration = (entries: ReadonlyMap<string, unknown>) => ReadonlyMap<string, unknown>;

/** The content at the newest version. Throws E_STATE_NEWER for one that only a newer Caisson knows. */
export function migrate(file: string, content: Content, migrations: readonly Migration[]): Content {
  const newest = migrations.length + 1;
  if (content.version > newest) {
    throw new CaissonError(
      "E_STATE_NEWER",
      `the state ${file} has schema ${content.version}, but this version of Caisson knows schemas up to ${newest}`,
    );
  }
  if (content.version === newest) return content;
  let entries: ReadonlyMap<string, unknown> = new Map(
    [...content.entries].map(([key, text]): [string, unknown] => [key, JSON.parse(text)]),
  );
  for (const step of migrations.slice(content.version - 1)) entries = step(entries);
  return {
    version: newest,
    entries: new Map([...entries].map(([key, value]): [string, string] => [key, JSON.stringify(value)])),
  };
}
