import { counter, defineProgram, gauge, histogram, PostgresUrl, RedisUrl, SecretText, Type } from "@caisson/core";

/** Takes usage events in: an acknowledged event is durable. */
export const apiGateway = defineProgram(import.meta, "api-gateway", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    /** A Redis whose streams are the queue; absent: the inbox of the database is. */
    queueUrl: Type.Optional(RedisUrl),
    /** Under which API keys are hashed. */
    apiKeyPepper: SecretText(32),
    /** An event that is older when it comes is marked late; it counts all the same. */
    lateAfterSeconds: Type.Integer({ minimum: 1, default: 86_400 }),
    /** Requests a minute of one key (the keys of a rotation count as one), over all replicas. */
    rateLimitPerMinute: Type.Integer({ minimum: 1, default: 1000 }),
    /** Requests that may come at once after a pause. */
    rateLimitBurst: Type.Integer({ minimum: 1, default: 100 }),
    /** Nothing is taken in while the oldest unprocessed event has waited for longer. */
    maxLagSeconds: Type.Integer({ minimum: 1, default: 3600 }),
    /** Nothing is taken in while the database is larger; 0 for no bound. */
    databaseMaxBytes: Type.Integer({ minimum: 0, default: 0 }),
  }),
  http: { port: 8000 },
  schemaVersion: 19,
  metrics: {
    ingested: counter("usage_events_ingested_total", ["result"], "Events by what was answered for them"),
    late: counter("usage_events_late_total", [], "Accepted events whose time was long before they came"),
    ackSeconds: histogram("usage_ack_seconds", [], "From an accepted request to its commit"),
    pendingBytes: gauge("usage_inbox_pending_bytes", [], "Bytes of events that wait for their commit"),
    limited: counter("usage_rate_limited_total", [], "Requests answered 429"),
    lagSeconds: gauge("usage_gateway_lag_seconds", [], "Age of the oldest event that waits to be processed"),
    databaseBytes: gauge("usage_database_bytes", [], "Size of the database"),
    refused: counter("usage_inbox_refused_total", ["reason"], "Requests answered 503 because they could not be stored"),
  },
});
