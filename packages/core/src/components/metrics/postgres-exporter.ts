import { counter, gauge } from "../../model/metric.ts";
import type { MetricList } from "../../model/monitoring.ts";
import { counts, rate, ratio, sum } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";

const up = gauge("pg_up", [], "1 when the last query of the server was answered");

const statement = ["user", "datname", "queryid"] as const;
const slot = ["slot_name", "slot_type"] as const;
const table = ["datname", "schemaname", "relname"] as const;

/** postgres_exporter 0.20: what alerts and panels use of it. */
export const postgresMetrics = {
  program: "postgres_exporter",
  version: "0.20",
  origin: "unverified",
  up,
  metrics: {
    up,
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
    maxConnections: gauge("pg_settings_max_connections", [], "Most connections the server takes"),
    blocksHit: counter("pg_stat_database_blks_hit", ["datid", "datname"], "Blocks found in shared buffers"),
    blocksRead: counter("pg_stat_database_blks_read", ["datid", "datname"], "Blocks read from disk"),
    commits: counter("pg_stat_database_xact_commit", ["datid", "datname"], "Transactions committed"),
    checkpoints: counter("pg_stat_checkpointer_num_timed_total", [], "Checkpoints because it was time"),
    forcedCheckpoints: counter("pg_stat_checkpointer_num_requested_total", [], "Checkpoints for another reason"),
    checkpointsBefore17: counter("pg_stat_bgwriter_checkpoints_timed_total", [], "checkpoints, before PostgreSQL 17"),
    forcedBefore17: counter("pg_stat_bgwriter_checkpoints_req_total", [], "forcedCheckpoints, before PostgreSQL 17"),
    archiveFailures: counter("pg_stat_archiver_failed_count", [], "Segments of WAL that could not be archived"),
    rollbacks: counter("pg_stat_database_xact_rollback", ["datid", "datname"], "Transactions rolled back"),
    deadlocks: counter("pg_stat_database_deadlocks", ["datid", "datname"], "Deadlocks"),
    replayLag: gauge(
      "pg_stat_replication_pg_wal_lsn_diff",
      ["application_name", "client_addr", "state", "slot_name"],
      "WAL that a replica has not replayed yet in bytes",
    ),
    slotActive: gauge("pg_replication_slots_slot_is_active", slot, "1 while a replica reads from its slot"),
    slotActiveBefore20: gauge("pg_replication_slot_slot_is_active", slot, "slotActive, of exporters before 0.20"),
    slotBytesLeft: gauge(
      "pg_replication_slots_safe_wal_size_bytes",
      slot,
      "WAL that may still be written before a slot loses what it keeps",
    ),
    slotBytesLeftBefore20: gauge(
      "pg_replication_slot_safe_wal_size_bytes",
      slot,
      "slotBytesLeft, of exporters before 0.20",
    ),
    tableBytes: gauge("pg_stat_user_tables_table_size_bytes", table, "Size of a table without its indexes"),
    indexBytes: gauge("pg_stat_user_tables_index_size_bytes", table, "Size of a table's indexes"),
    liveRows: gauge("pg_stat_user_tables_n_live_tup", table, "Rows of a table, estimated"),
    deadRows: gauge(
      "pg_stat_user_tables_n_dead_tup",
      table,
      "Rows that are gone and whose place is not free yet, estimated",
    ),
    indexScans: counter("pg_stat_user_tables_idx_scan", table, "Scans of a table by an index"),
    wholeScans: counter("pg_stat_user_tables_seq_scan", table, "Scans of a whole table"),
    statementSeconds: counter("pg_stat_statements_seconds_total", statement, "Time that a statement took"),
    statementCalls: counter("pg_stat_statements_calls_total", statement, "How often a statement ran"),
    databaseBytes: gauge("pg_database_size_bytes", ["datname"], "Size of a database"),
  },
} as const satisfies MetricList;

/** What a PostgreSQL has. */
export interface PostgresTraits {
  /** Its read replicas, by their names in the database. */
  readonly replicas?: readonly string[];
  /** It archives its WAL. */
  readonly archives?: boolean;
  /** It counts its statements, by pg_stat_statements. */
  readonly statements?: boolean;
}

/** How long a statement takes on average. */
export function statementMean(of: string): Query<"resource" | "datname" | "queryid"> {
  const by = ["resource", "datname", "queryid"] as const;
  const where = { resource: of };
  return ratio(
    sum(rate(counts(postgresMetrics.metrics.statementSeconds, where), "5m"), by),
    sum(rate(counts(postgresMetrics.metrics.statementCalls, where), "5m"), by),
  );
}
