import { counter, defineProgram, gauge, PostgresUrl, Type } from "@caisson/core";

/** Audits totals, sums up months, makes partitions ahead of time, drops old ones, and empties what the inbox is done with. */
export const aggregationService = defineProgram(import.meta, "aggregation-service", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    /** Rest between two sweeps of the audit, in seconds. */
    auditEverySeconds: Type.Integer({ minimum: 1, maximum: 86_400, default: 600 }),
    /** A month's summary is finalised that many days after its end, or after its first event came. */
    finalizeAfterDays: Type.Integer({ minimum: 0, maximum: 365, default: 7 }),
    /** How long events, totals and dead letters are kept. */
    eventDays: Type.Integer({ minimum: 31, maximum: 36_500, default: 365 }),
    rollupDays: Type.Integer({ minimum: 366, maximum: 36_500, default: 1095 }),
    deadLetterDays: Type.Integer({ minimum: 1, maximum: 36_500, default: 30 }),
  }),
  schemaVersion: 19,
  metrics: {
    drift: counter(
      "usage_rollup_drift_total",
      [],
      "Totals found to differ from their raw events; anything but 0 is a bug",
    ),
    audited: counter(
      "usage_audited_buckets_total",
      ["period"],
      "Hours, days, weeks and months whose totals were derived anew and compared",
    ),
    sweptAt: gauge("usage_audit_swept_timestamp_seconds", [], "When the last whole sweep of the audit ended"),
    summaries: counter(
      "usage_billing_summaries_total",
      ["state"],
      "Monthly summaries brought up to date: open or finalized",
    ),
    dropped: counter("usage_dropped_partitions_total", [], "Partitions that retention dropped"),
    leader: gauge("usage_aggregation_leader", [], "1 where this replica does the work, 0 where it stands by"),
    inboxBytes: gauge("usage_inbox_bytes", [], "Size of the inbox on disk, processed rows included"),
  },
});
