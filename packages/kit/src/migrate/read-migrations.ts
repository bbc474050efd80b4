import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CaissonError } from "@caisson/core";
import { transactionCommand } from "./transaction-command.ts";

/** A migration as it lies in the folder: `0001-create-events.sql` is version 1, name `create-events`. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly sha256: string;
}

const form = /^(\d{1,9})[-_]([A-Za-z0-9_-]+)\.sql$/;

/** Reads a folder's migrations in the order of their versions. Throws E_MIGRATION where one cannot be one. */
export async function readMigrations(folder: string | URL): Promise<readonly Migration[]> {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder;
  const files = (await readdir(path)).filter((file) => file.endsWith(".sql")).sort();
  const migrations = await Promise.all(files.map((file) => readMigration(path, file)));
  migrations.sort((a, b) => a.version - b.version);
  for (const [index, migration] of migrations.entries()) {
    const before = migrations[index - 1];
    if (before?.version === migration.version) {
      throw refused(`${before.file} and ${migration.file} have the same version ${migration.version}`);
    }
  }
  return migrations;
}

async function readMigration(folder: string, file: string): Promise<Migration> {
  const [, digits = "", name = ""] = form.exec(file) ?? [];
  const version = Number(digits);
  if (version < 1) throw refused(`${file}: expected a name like 0001-create-events.sql, from 1 on`);
  const sql = await readFile(join(folder, file), "utf8");
  if (/^--\s*no-transaction\b/m.test(sql)) {
    throw new CaissonError("E_NOT_IMPLEMENTED", `${file}: migrations outside a transaction are not built yet`);
  }
  const command = transactionCommand(sql);
  if (command !== undefined) {
    throw refused(`${file}: expected no ${command.toUpperCase()}: each file is one transaction already`);
  }
  return { version, name, file, sql, sha256: createHash("sha256").update(sql).digest("hex") };
}

function refused(message: string): CaissonError {
  return new CaissonError("E_MIGRATION", message);
}
