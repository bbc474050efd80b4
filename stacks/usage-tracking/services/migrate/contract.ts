import { defineProgram, PostgresUrl, Type } from "@caisson/core";

/** Brings the database to the schema of `migrations/` and makes its shards. */
export const migrate = defineProgram(import.meta, "migrate", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    /** Shards that tenants are spread over. */
    shards: Type.Integer({ minimum: 1, maximum: 4, default: 1 }),
  }),
});
