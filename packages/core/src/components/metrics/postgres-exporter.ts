import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow } from "../../model/monitoring.ts";
import { calculate, compare, counts, increase, level, matches, max, rate, ratio, sum } from "../../promql/build.ts";

const up = gauge("pg_up", [], "1 when the last query of the server was answered");

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
    maxConnections: gauge("pg_settings_max_connections", ["server"], "Most connections the server takes"),
    blocksHit: counter("pg_stat_database_blks_hit", ["datid", "datname"], "Blocks found in shared buffers"),
    blocksRead: counter("pg_stat_database_blks_read", ["datid", "datname"], "Blocks read from disk"),
    commits: counter("pg_stat_database_xact_commit", ["datid", "datname"], "Transactions committed"),
    rollbacks: counter("pg_stat_database_xact_rollback", ["datid", "datname"], "Transactions rolled back"),
    deadlocks: counter("pg_stat_database_deadlocks", ["datid", "datname"], "Deadlocks"),
    replayLag: gauge(
      "pg_stat_replication_pg_wal_lsn_diff",
      ["application_name", "client_addr", "state", "slot_name"],
      "WAL that a replica has not replayed yet in bytes",
    ),
    slotActive: gauge(
      "pg_replication_slots_slot_is_active",
      ["slot_name", "slot_type"],
      "1 while a replica reads from its slot",
    ),
    databaseBytes: gauge("pg_database_size_bytes", ["datname"], "Size of a database"),
  },
} as const satisfies MetricList;

const pg = postgresMetrics.metrics;

/** Alerts on a PostgreSQL that an exporter looks at. */
export function postgresAlerts(of: string, replicas: readonly string[] = []): Alert[] {
  const labels = { job: "exporter", instance: "a", resource: of };
  const session = {
    datname: "app",
    state: "active",
    usename: "app",
    application_name: "",
    backend_type: "client backend",
    wait_event: "",
    wait_event_type: "",
  };
  const where = { resource: of };
  const hit = sum(rate(counts(pg.blocksHit, where), "10m"), ["resource"]);
  const read = sum(rate(counts(pg.blocksRead, where), "10m"), ["resource"]);
  const database = { ...labels, datid: "1", datname: "app" };
  const look = `caisson logs ${of} shows what it says, caisson sql ${of} asks it.`;
  return [
    {
      name: "PostgresDown",
      of,
      severity: "critical",
      value: max(level(pg.up, where), ["resource"]),
      op: "==",
      threshold: 0,
      for: "1m",
      about: "down",
      summary: `${of} does not answer its exporter.`,
      action: `caisson why ${of} tells the chain of causes.`,
      example: [{ metric: pg.up, labels, quiet: 1, alarm: 0 }],
    },
    {
      name: "PostgresConnectionsHigh",
      of,
      severity: "warning",
      value: ratio(sum(level(pg.activity, where), ["resource"]), max(level(pg.maxConnections, where), ["resource"])),
      op: ">",
      threshold: 0.8,
      for: "5m",
      summary: `${of} is about to run out of connections.`,
      action: "Lower the pools of the services that use it, or raise maxConnections.",
      example: [
        { metric: pg.activity, labels: { ...labels, ...session }, quiet: 10, alarm: 90 },
        { metric: pg.maxConnections, labels: { ...labels, server: "a" }, quiet: 100, alarm: 100 },
      ],
    },
    {
      name: "PostgresTransactionLong",
      of,
      severity: "warning",
      value: max(level(pg.oldestTransaction, where), ["resource"]),
      op: ">",
      threshold: 600,
      for: "5m",
      summary: `A transaction in ${of} has been open for many minutes; nothing behind it can be cleaned up.`,
      action: look,
      example: [{ metric: pg.oldestTransaction, labels: { ...labels, ...session }, quiet: 1, alarm: 1200 }],
    },
    {
      name: "PostgresDeadlocks",
      of,
      severity: "warning",
      value: sum(increase(counts(pg.deadlocks, where), "5m"), ["resource"]),
      op: ">",
      threshold: 0,
      for: "1m",
      summary: `Transactions in ${of} waited for each other in a circle; one of them was ended.`,
      action: look,
      example: [{ metric: pg.deadlocks, labels: database, quiet: 0, alarm: 1 }],
    },
    {
      name: "PostgresCacheHitLow",
      of,
      severity: "info",
      value: ratio(hit, calculate(hit, "+", read)),
      op: "<",
      threshold: 0.95,
      guard: compare(read, ">", 10),
      for: "30m",
      summary: `${of} reads much from disk: its data does not fit its memory.`,
      action: "Raise its memory limit, from which shared_buffers follows.",
      example: [
        { metric: pg.blocksHit, labels: database, quiet: 100_000, alarm: 10_000 },
        { metric: pg.blocksRead, labels: database, quiet: 1000, alarm: 10_000 },
      ],
    },
    ...(replicas.length > 0 ? replicaAlerts(of, replicas) : []),
  ];
}

/** What its primary tells of its replicas, by their names in the database. */
function replicaAlerts(of: string, replicas: readonly string[]): Alert[] {
  const labels = { job: "exporter", instance: "a", resource: of };
  const [first = ""] = replicas;
  const named = matches(replicas.join("|"));
  return [
    {
      name: "PostgresReplicaDown",
      of,
      severity: "warning",
      value: max(level(pg.slotActive, { resource: of, slot_name: named }), ["resource", "slot_name"]),
      op: "==",
      threshold: 0,
      for: "5m",
      about: "replica",
      summary: `{{ $labels.slot_name }} does not follow ${of}, which keeps up to 16 GB of WAL for it.`,
      action: "caisson health shows whether it runs, its logs why it does not follow.",
      example: [
        { metric: pg.slotActive, labels: { ...labels, slot_name: first, slot_type: "physical" }, quiet: 1, alarm: 0 },
      ],
    },
    {
      name: "PostgresReplicaLagHigh",
      of,
      severity: "warning",
      value: max(level(pg.replayLag, { resource: of, application_name: named }), ["resource", "application_name"]),
      op: ">",
      threshold: 256 * 1024 ** 2,
      for: "5m",
      about: "replica",
      summary: `{{ $labels.application_name }} is more than 256 MB of WAL behind ${of}: what is read there is old.`,
      action: "Look for long queries on it, and for the limits of its CPU and disk.",
      example: [
        {
          metric: pg.replayLag,
          labels: { ...labels, application_name: first, client_addr: "10.0.0.2", state: "streaming", slot_name: "" },
          quiet: 1024,
          alarm: 1024 ** 3,
        },
      ],
    },
  ];
}

/** Panels on a PostgreSQL that an exporter looks at. */
export function postgresPanels(of: string): PanelRow[] {
  const where = { resource: of };
  const hit = sum(rate(counts(pg.blocksHit, where), "5m"), ["datname"]);
  const read = sum(rate(counts(pg.blocksRead, where), "5m"), ["datname"]);
  return [
    {
      title: of,
      panels: [
        {
          title: "Connections",
          kind: "timeseries",
          unit: "short",
          queries: [
            { legend: "{{state}}", query: sum(level(pg.activity, where), ["state"]) },
            { legend: "limit", query: max(level(pg.maxConnections, where)) },
          ],
        },
        {
          title: "Transactions a second",
          kind: "timeseries",
          unit: "ops",
          queries: [
            { legend: "{{datname}} committed", query: sum(rate(counts(pg.commits, where), "5m"), ["datname"]) },
            { legend: "{{datname}} rolled back", query: sum(rate(counts(pg.rollbacks, where), "5m"), ["datname"]) },
          ],
        },
        {
          title: "Cache hits",
          kind: "timeseries",
          unit: "percentunit",
          queries: [{ legend: "{{datname}}", query: ratio(hit, calculate(hit, "+", read)) }],
        },
        {
          title: "Size",
          kind: "timeseries",
          unit: "bytes",
          queries: [{ legend: "{{datname}}", query: max(level(pg.databaseBytes, where), ["datname"]) }],
        },
      ],
    },
  ];
}
