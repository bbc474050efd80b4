import { defineProgram, PostgresUrl, Type } from "@caisson/core";

/** Brings the database to the schema of `migrations/`. */
export const migrate = defineProgram(import.meta, "migrate", {
  main: "./main.ts",
  config: Type.Object({ databaseUrl: PostgresUrl }),
});
