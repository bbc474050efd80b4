import { counter, defineProgram, histogram, PostgresUrl, RedisUrl, SecretText, Type } from "@caisson/core";

/** Answers what was used: events, totals by period and key, the outcome of one event. */
export const queryService = defineProgram(import.meta, "query-service", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    apiKeyPepper: SecretText(32),
    /** Keeps finished answers. Without it every answer is computed; none changes. */
    redisUrl: Type.Optional(RedisUrl),
    /** A Redis whose streams are the queue: how far answers lag, and what is pending, is seen there. */
    queueUrl: Type.Optional(RedisUrl),
  }),
  http: { port: 8002 },
  schemaVersion: 19,
  metrics: {
    queries: counter(
      "usage_queries_total",
      ["query", "cache"],
      "Answered queries: from the cache (hit), computed (miss), or never cached (none)",
    ),
    querySeconds: histogram("usage_query_seconds", ["query"], "Time to answer, cache included"),
  },
});
