import { counter, defineProgram, gauge, histogram, PostgresUrl, RedisUrl, Type } from "@caisson/core";

/** Moves acknowledged events from the inbox into events and totals, exactly once. */
export const eventProcessor = defineProgram(import.meta, "event-processor", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    /** A Redis whose streams are the queue; absent: the inbox of the database is. */
    queueUrl: Type.Optional(RedisUrl),
    /** Events of one transaction, at most. */
    batchEvents: Type.Integer({ minimum: 1, maximum: 200_000, default: 100_000 }),
    /** Shards that there are; each is processed by one process at a time. */
    shards: Type.Integer({ minimum: 1, maximum: 4, default: 1 }),
  }),
  schemaVersion: 19,
  metrics: {
    processed: counter("usage_events_processed_total", ["result"], "Events by what became of them"),
    batchSeconds: histogram("usage_batch_seconds", [], "Time to apply one batch"),
    lagSeconds: gauge(
      "usage_inbox_lag_seconds",
      ["shard"],
      "Age of the oldest event of the last batch; 0 when the inbox is empty",
    ),
    owner: gauge("usage_shard_owner", ["shard"], "1 where this process owns the shard, 0 where it stands by"),
  },
});
