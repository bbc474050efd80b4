import { defineProgram, HttpUrl, PostgresUrl, RedisUrl, SecretText, Type } from "@caisson/core";

/** The kernel: tenants, coach, forecasts, optimiser. The document describes what it needs and leaves it to another file. */
export const kernel = defineProgram(import.meta, "kernel", {
  main: "./services/kernel/main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    redisUrl: Type.Optional(RedisUrl),
    otlpUrl: Type.Optional(HttpUrl),
    tokenKey: SecretText(32),
  }),
  http: { port: 8001 },
});
