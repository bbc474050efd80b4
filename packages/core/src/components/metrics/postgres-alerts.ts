import type { Alert } from "../../model/monitoring.ts";
import {
  both,
  calculate,
  compare,
  counts,
  increase,
  level,
  matches,
  max,
  min,
  rate,
  ratio,
  sum,
} from "../../promql/build.ts";
import { down } from "./down.ts";
import { postgresMetrics, statementMean, type PostgresTraits } from "./postgres-exporter.ts";

const pg = postgresMetrics.metrics;

/** Alerts on a PostgreSQL that an exporter looks at. */
export function postgresAlerts(of: string, traits: PostgresTraits = {}): Alert[] {
  const { replicas = [], archives = false, statements = false } = traits;
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
  const rolledBack = sum(rate(counts(pg.rollbacks, where), "5m"), ["resource"]);
  const ended = calculate(sum(rate(counts(pg.commits, where), "5m"), ["resource"]), "+", rolledBack);
  // A server has the one or the other.
  const grown = (since17: typeof pg.checkpoints, before: typeof pg.checkpoints) =>
    max(both(rate(counts(since17, where), "15m"), "or", rate(counts(before, where), "15m")), ["resource"]);
  const forced = grown(pg.forcedCheckpoints, pg.forcedBefore17);
  const look = `caisson logs ${of} shows what it says, caisson sql ${of} asks it.`;
  return [
    down("PostgresDown", of, pg.up),
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
    {
      name: "PostgresRollbacksHigh",
      of,
      severity: "warning",
      value: ratio(rolledBack, ended),
      op: ">",
      threshold: 0.1,
      // One among three is no rate.
      guard: compare(ended, ">", 1),
      for: "10m",
      summary: `Many transactions in ${of} are rolled back.`,
      action: look,
      example: [
        { metric: pg.commits, labels: database, quiet: 990, alarm: 800 },
        { metric: pg.rollbacks, labels: database, quiet: 10, alarm: 200 },
      ],
    },
    {
      name: "PostgresCheckpointsForced",
      of,
      severity: "warning",
      value: ratio(forced, calculate(grown(pg.checkpoints, pg.checkpointsBefore17), "+", forced)),
      op: ">",
      threshold: 0.5,
      for: "15m",
      summary: `${of} writes so much that it makes checkpoints before it is time; each writes whole pages again.`,
      action: "Raise max_wal_size with extra.settings, or its memory limit.",
      // Two a quarter of an hour because it is time, eight because of writes.
      example: [
        { metric: pg.checkpoints, labels, quiet: 0.2, alarm: 0.2 },
        { metric: pg.forcedCheckpoints, labels, quiet: 0, alarm: 0.8 },
      ],
    },
    ...(archives ? [archiveAlert(of)] : []),
    ...(statements ? [statementAlert(of)] : []),
    ...(replicas.length > 0 ? replicaAlerts(of, replicas) : []),
  ];
}

/** WAL that is not archived stays, and fills the disk. */
function archiveAlert(of: string): Alert {
  const labels = { job: "exporter", instance: "a", resource: of };
  return {
    name: "PostgresArchiveFailing",
    of,
    severity: "critical",
    value: sum(increase(counts(pg.archiveFailures, { resource: of }), "15m"), ["resource"]),
    op: ">",
    threshold: 0,
    for: "0s",
    summary: `${of} could not archive WAL: it cannot be restored to a time since, and its disk fills.`,
    action: `caisson logs ${of} shows what archive_command said.`,
    example: [{ metric: pg.archiveFailures, labels, quiet: 0, alarm: 1 }],
  };
}

function statementAlert(of: string): Alert {
  const labels = { job: "exporter", instance: "a", resource: of, user: "app", datname: "app", queryid: "1" };
  return {
    name: "PostgresStatementsSlow",
    of,
    severity: "warning",
    value: statementMean(of),
    op: ">",
    threshold: 1,
    for: "5m",
    summary: `A statement in {{ $labels.datname }} of ${of} takes longer than it may, on average.`,
    action: `caisson sql ${of} shows its text in pg_stat_statements, by the queryid {{ $labels.queryid }}.`,
    // Per minute: ten calls of 10 ms, then of 3 s.
    example: [
      { metric: pg.statementSeconds, labels, quiet: 0.1, alarm: 30 },
      { metric: pg.statementCalls, labels, quiet: 10, alarm: 10 },
    ],
  };
}

/** What its primary tells of its replicas. */
function replicaAlerts(of: string, replicas: readonly string[]): Alert[] {
  const labels = { job: "exporter", instance: "a", resource: of };
  const [first = ""] = replicas;
  const named = matches(replicas.join("|"));
  const slots = { resource: of, slot_name: named };
  // An exporter has the one name or the other: 0.20 renamed them, and a host's is older.
  const either = (now: typeof pg.slotActive, before: typeof pg.slotActive) =>
    both(level(now, slots), "or", level(before, slots));
  return [
    {
      name: "PostgresReplicaDown",
      of,
      severity: "warning",
      value: max(either(pg.slotActive, pg.slotActiveBefore20), ["resource", "slot_name"]),
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
      name: "PostgresReplicaBreaks",
      of,
      severity: "critical",
      value: min(either(pg.slotBytesLeft, pg.slotBytesLeftBefore20), ["resource", "slot_name"]),
      op: "<",
      threshold: 1024 ** 3,
      for: "1m",
      about: "replica",
      summary: `{{ $labels.slot_name }} is so far behind ${of} that it soon has to be copied anew: WAL that it needs is about to go.`,
      action: "caisson health shows whether it runs, its logs why it does not follow.",
      example: [
        {
          metric: pg.slotBytesLeft,
          labels: { ...labels, slot_name: first, slot_type: "physical" },
          quiet: 16 * 1024 ** 3,
          alarm: 1024 ** 2,
        },
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
