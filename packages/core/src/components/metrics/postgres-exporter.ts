import { counter, gauge } from "../../model/metric.ts";
import type { MetricList } from "../../model/monitoring.ts";

/** postgres_exporter 0.20: what alerts and panels use of it. */
export const postgresExporter = {
  program: "postgres_exporter",
  version: "0.20",
  origin: "unverified",
  metrics: {
    up: gauge("pg_up", [], "1 when the last query of the server was answered"),
    activity: gauge(
      "pg_stat_activity_count",
      ["datname", "state", "usename", "application_name", "backend_type", "wait_event", "wait_event_type"],
      "Connections by state",
    ),
    oldestTransaction: gauge(
      "pg_stat_activity_max_tx_duration",
      ["datname", "state", "usename", "application_name", "backend_type", "wait_event", "wait_event_type"],
      "Age of the longest running transaction in seconds",
    ),
    maxConnections: gauge("pg_settings_max_connections", ["server"], "Most connections the server takes"),
    blocksHit: counter("pg_stat_database_blks_hit", ["datid", "datname"], "Blocks found in shared buffers"),
    blocksRead: counter("pg_stat_database_blks_read", ["datid", "datname"], "Blocks read from disk"),
    commits: counter("pg_stat_database_xact_commit", ["datid", "datname"], "Transactions committed"),
    rollbacks: counter("pg_stat_database_xact_rollback", ["datid", "datname"], "Transactions rolled back"),
    deadlocks: counter("pg_stat_database_deadlocks", ["datid", "datname"], "Deadlocks"),
    databaseBytes: gauge("pg_database_size_bytes", ["datname"], "Size of a database"),
    replicationLag: gauge("pg_replication_lag_seconds", [], "How far a replica is behind"),
    isReplica: gauge("pg_replication_is_replica", [], "1 on a replica"),
  },
} as const satisfies MetricList;
