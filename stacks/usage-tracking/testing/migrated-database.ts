import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { query, type TestDatabase } from "./database.ts";

/** A fresh database of `server` with the whole schema. */
export async function migratedDatabase(server: TestDatabase, name: string): Promise<string> {
  const url = await server.create(name);
  const folder = new URL("../migrations/", import.meta.url);
  for (const file of readdirSync(folder).toSorted()) {
    await query(url, readFileSync(fileURLToPath(new URL(file, folder)), "utf8"));
  }
  return url;
}
