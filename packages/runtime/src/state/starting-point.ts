import { loadState } from "./load.ts";
import { migrate, type Migration } from "./schema.ts";
import type { Content, Table } from "./table.ts";

/** What an agent starts from. Without a `table` the file must be written anew before it can be added to. */
export interface StartingPoint {
  readonly content: Content;
  readonly table: Table | undefined;
  /** Suffix of the name under which the file that is there is kept when it is replaced. */
  readonly asideAs: string;
}

/** Reads, judges and migrates what is in the state file; what people should know of it goes into `warnings`. */
export function startingPoint(
  file: string,
  scratch: string,
  busyMs: number,
  migrations: readonly Migration[],
  warnings: string[],
): StartingPoint {
  const empty: Content = { version: migrations.length + 1, entries: new Map() };
  const loaded = loadState(file, scratch, busyMs);
  if (loaded.found === "nothing") return { content: empty, table: undefined, asideAs: "aside" };
  if (loaded.found === "damaged") {
    warnings.push(`${file} was damaged (${loaded.reason}); starting from an empty state`);
    return { content: empty, table: undefined, asideAs: "damaged" };
  }
  const table = loaded.found === "sound" ? loaded.table : undefined;
  if (loaded.found === "unusable") warnings.push(`${file} cannot be written to (${loaded.reason}); it is written anew`);
  try {
    const content = migrate(file, loaded.content, migrations);
    if (content === loaded.content) return { content, table, asideAs: "aside" };
    table?.close();
    warnings.push(`${file} was migrated from schema ${loaded.content.version} to ${content.version}`);
    return { content, table: undefined, asideAs: `schema-${loaded.content.version}` };
  } catch (error) {
    table?.close();
    throw error;
  }
}
