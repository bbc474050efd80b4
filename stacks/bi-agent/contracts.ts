import { defineProgram, HttpUrl, PostgresUrl, RedisUrl, SecretText, Type } from "@caisson/core";

const store = {
  databaseUrl: PostgresUrl,
  s3Endpoint: HttpUrl,
  s3AccessKey: Type.String(),
  s3SecretKey: SecretText(16),
};
const telemetry = { otlpUrl: Type.Optional(HttpUrl) };

/** Reports, dashboards, roles; the port of the document. */
export const analyticsApi = defineProgram(import.meta, "analytics-api", {
  main: "./services/analytics-api/main.ts",
  config: Type.Object({
    ...store,
    ...telemetry,
    cacheUrl: Type.Optional(RedisUrl),
    queueUrl: RedisUrl,
    mlUrl: HttpUrl,
    /** What its tokens are signed with. */
    jwtSecret: SecretText(32),
    hipaaMode: Type.Boolean(),
  }),
  http: { port: 3000, ready: "/health", live: "/health" },
});

/** Predictions and models. */
export const mlService = defineProgram(import.meta, "ml-service", {
  main: "./services/ml-service/main.ts",
  config: Type.Object({ ...store, ...telemetry, cacheUrl: Type.Optional(RedisUrl) }),
  http: { port: 8000, ready: "/health", live: "/health" },
});

/** The pages. */
export const web = defineProgram(import.meta, "web", {
  main: "./services/web/main.ts",
  config: Type.Object({ analyticsUrl: HttpUrl, mlUrl: HttpUrl }),
  http: { port: 3001 },
});

/** Works off the queues analytics, ml and data. */
export const worker = defineProgram(import.meta, "worker", {
  main: "./services/worker/main.ts",
  config: Type.Object({ ...store, ...telemetry, queueUrl: RedisUrl }),
  queues: ["analytics", "ml", "data"],
});

/** Puts work into the queues: views each hour, models each day; what ran when is in the database. */
export const scheduler = defineProgram(import.meta, "scheduler", {
  main: "./services/scheduler/main.ts",
  config: Type.Object({ ...store, ...telemetry, queueUrl: RedisUrl }),
});
