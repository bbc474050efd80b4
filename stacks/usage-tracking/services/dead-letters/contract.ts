import { defineProgram, PostgresUrl, Type } from "@caisson/core";

/** Lists what could not be stored and tries it once more: `caisson run dead-letters -- redrive --tenant acme`. */
export const deadLetters = defineProgram(import.meta, "dead-letters", {
  main: "./main.ts",
  config: Type.Object({ databaseUrl: PostgresUrl }),
  schemaVersion: 19,
});
