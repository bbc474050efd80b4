import { defineProgram, PostgresUrl, Type } from "@caisson/core";

/** Revokes an API key for good: `caisson run revoke-key -- ID`. */
export const revokeKey = defineProgram(import.meta, "revoke-key", {
  main: "./main.ts",
  config: Type.Object({ databaseUrl: PostgresUrl }),
  schemaVersion: 19,
});
