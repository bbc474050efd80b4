import { counter, defineProgram, gauge, histogram, PostgresUrl, SecretText, Type } from "@caisson/core";

/** Takes usage events in: an acknowledged event is durable. */
export const apiGateway = defineProgram(import.meta, "api-gateway", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    /** Under which API keys are hashed. */
    apiKeyPepper: SecretText(32),
    /** An event that is older when it comes is marked late; it counts all the same. */
    lateAfterSeconds: Type.Integer({ minimum: 1, default: 86_400 }),
  }),
  http: { port: 8000 },
  schemaVersion: 9,
  metrics: {
    ingested: counter("usage_events_ingested_total", ["result"], "Events by what was answered for them"),
    late: counter("usage_events_late_total", [], "Accepted events whose time was long before they came"),
    ackSeconds: histogram("usage_ack_seconds", [], "From an accepted request to its commit"),
    pendingBytes: gauge("usage_inbox_pending_bytes", [], "Bytes of events that wait for their commit"),
    refused: counter("usage_inbox_refused_total", ["reason"], "Requests answered 503 because they could not be stored"),
  },
});
