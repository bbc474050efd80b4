import { defineProgram, PostgresUrl, Type } from "@caisson/core";

/** Lists API keys with their scopes and whether they work: `caisson run list-keys -- --tenant acme`. */
export const listKeys = defineProgram(import.meta, "list-keys", {
  main: "./main.ts",
  config: Type.Object({ databaseUrl: PostgresUrl }),
  schemaVersion: 19,
});
