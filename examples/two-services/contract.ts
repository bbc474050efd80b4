import { defineProgram, PostgresUrl, RedisUrl, Type } from "@caisson/core";

/** Counts its visits in PostgreSQL; says so over HTTP. */
export const web = defineProgram(import.meta, "web", {
  main: "./main.ts",
  config: Type.Object({ databaseUrl: PostgresUrl, redisUrl: Type.Optional(RedisUrl) }),
  http: { port: 8123 },
});
