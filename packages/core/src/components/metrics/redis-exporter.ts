import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow } from "../../model/monitoring.ts";
import { calculate, compare, counts, level, max, rate, ratio, sum } from "../../promql/build.ts";

const up = gauge("redis_up", [], "1 when the last question was answered");

/** redis_exporter 1.88: what alerts and panels use of it. */
export const redisMetrics = {
  program: "redis_exporter",
  version: "1.88",
  origin: "unverified",
  up,
  metrics: {
    up,
    usedBytes: gauge("redis_memory_used_bytes", [], "Memory that data takes"),
    maxBytes: gauge("redis_memory_max_bytes", [], "Most memory that data may take; 0 is no limit"),
    clients: gauge("redis_connected_clients", [], "Connected clients"),
    evicted: counter("redis_evicted_keys_total", [], "Keys evicted to make room"),
    hits: counter("redis_keyspace_hits_total", [], "Keys asked for and found"),
    misses: counter("redis_keyspace_misses_total", [], "Keys asked for and not found"),
    commands: counter("redis_commands_processed_total", [], "Commands processed"),
    rejected: counter("redis_rejected_connections_total", [], "Connections refused because of the limit"),
    snapshotOk: gauge("redis_rdb_last_bgsave_status", [], "1 when the last snapshot was written"),
    appendOk: gauge("redis_aof_last_write_status", [], "1 when the last write of the append-only file succeeded"),
  },
} as const satisfies MetricList;

const { metrics } = redisMetrics;

/** Alerts on a Redis that an exporter looks at; `keeps`: it is a queue or a store, which must not lose anything. */
export function redisAlerts(of: string, { keeps }: { readonly keeps: boolean }): Alert[] {
  const where = { resource: of };
  const labels = { job: "exporter", instance: "a", resource: of };
  const zero = (name: string, metric: typeof metrics.up, summary: string): Alert => ({
    name,
    of,
    severity: "critical",
    value: max(level(metric, where), ["resource"]),
    op: "==",
    threshold: 0,
    for: "1m",
    summary,
    action: `caisson why ${of} tells the chain of causes, caisson logs ${of} what it said.`,
    example: [{ metric, labels, quiet: 1, alarm: 0 }],
  });
  const limit = max(compare(level(metrics.maxBytes, where), ">", 0), ["resource"]);
  return [
    { ...zero("RedisDown", metrics.up, `${of} does not answer its exporter.`), about: "down" },
    {
      name: "RedisMemoryHigh",
      of,
      // A cache evicts; what keeps everything refuses writes once it is full.
      severity: keeps ? "critical" : "info",
      value: ratio(max(level(metrics.usedBytes, where), ["resource"]), limit),
      op: ">",
      threshold: 0.9,
      for: "5m",
      summary: `${of} is about to reach maxMemory.`,
      action: "Raise maxMemory, or look for what grows.",
      example: [
        { metric: metrics.usedBytes, labels, quiet: 100, alarm: 950 },
        { metric: metrics.maxBytes, labels, quiet: 1000, alarm: 1000 },
      ],
    },
    ...(keeps
      ? [
          zero("RedisSnapshotFailed", metrics.snapshotOk, `${of} could not write its last snapshot.`),
          zero("RedisAppendFailed", metrics.appendOk, `${of} could not write its append-only file.`),
        ]
      : []),
  ];
}

/** Panels on a Redis that an exporter looks at. */
export function redisPanels(of: string): PanelRow[] {
  const where = { resource: of };
  const hits = sum(rate(counts(metrics.hits, where), "5m"));
  return [
    {
      title: of,
      panels: [
        {
          title: "Memory",
          kind: "timeseries",
          unit: "bytes",
          queries: [
            { legend: "used", query: max(level(metrics.usedBytes, where)) },
            { legend: "limit", query: max(level(metrics.maxBytes, where)) },
          ],
        },
        {
          title: "Hits",
          kind: "timeseries",
          unit: "percentunit",
          queries: [
            {
              legend: "hits",
              query: ratio(hits, calculate(hits, "+", sum(rate(counts(metrics.misses, where), "5m")))),
            },
          ],
        },
        {
          title: "Evictions a second",
          kind: "timeseries",
          unit: "ops",
          queries: [{ legend: "evicted", query: sum(rate(counts(metrics.evicted, where), "5m")) }],
        },
        {
          title: "Commands a second",
          kind: "timeseries",
          unit: "ops",
          queries: [{ legend: "commands", query: sum(rate(counts(metrics.commands, where), "5m")) }],
        },
      ],
    },
  ];
}
