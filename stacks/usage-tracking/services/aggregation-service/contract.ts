import { counter, defineProgram, gauge, PostgresUrl, Type } from "@caisson/core";

/** Audits totals against raw events without pause, makes partitions ahead of time, and empties what the inbox is done with. */
export const aggregationService = defineProgram(import.meta, "aggregation-service", {
  main: "./main.ts",
  config: Type.Object({
    databaseUrl: PostgresUrl,
    /** Rest between two sweeps of the audit, in seconds. */
    auditEverySeconds: Type.Integer({ minimum: 1, maximum: 86_400, default: 600 }),
  }),
  schemaVersion: 8,
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
    inboxBytes: gauge("usage_inbox_bytes", [], "Size of the inbox on disk, processed rows included"),
  },
});
