import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow } from "../../model/monitoring.ts";
import { calculate, compare, counts, increase, level, max, min, rate, ratio, sum } from "../../promql/build.ts";

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
    clients: gauge("redis_connected_clients", [], "Connected clients, without replicas"),
    maxClients: gauge("redis_max_clients", [], "Most clients that it takes (maxclients)"),
    evicted: counter("redis_evicted_keys_total", [], "Keys evicted to make room"),
    hits: counter("redis_keyspace_hits_total", [], "Keys asked for and found"),
    misses: counter("redis_keyspace_misses_total", [], "Keys asked for and not found"),
    commands: counter("redis_commands_processed_total", [], "Commands processed"),
    rejected: counter("redis_rejected_connections_total", [], "Connections refused because of the limit"),
    snapshotOk: gauge("redis_rdb_last_bgsave_status", [], "1 when the last snapshot was written"),
    clusterOk: gauge("redis_cluster_state", [], "1 while a node's cluster answers for all slots"),
    failedSlots: gauge("redis_cluster_slots_fail", [], "Slots of a cluster whose node is down"),
    linkUp: gauge(
      "redis_master_link_up",
      ["master_host", "master_port"],
      "Of a replica: 1 while it reaches its master",
    ),
    appendOk: gauge("redis_aof_last_write_status", [], "1 when the last write of the append-only file succeeded"),
  },
} as const satisfies MetricList;

const { metrics } = redisMetrics;

/** What a Redis is: `keeps`: a queue or a store, which must not lose anything; `cluster`: a node of one. */
interface RedisTraits {
  readonly keeps: boolean;
  readonly cluster?: boolean;
}

/** Alerts on a Redis that an exporter looks at. */
export function redisAlerts(of: string, { keeps, cluster = false }: RedisTraits): Alert[] {
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
  const moreClients = "Look for clients that never close theirs, or raise maxclients.";
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
      : cacheAlerts(of)),
    {
      name: "RedisConnectionsHigh",
      of,
      severity: "warning",
      value: ratio(
        max(level(metrics.clients, where), ["resource"]),
        max(level(metrics.maxClients, where), ["resource"]),
      ),
      op: ">",
      threshold: 0.8,
      for: "5m",
      about: "connections",
      summary: `${of} has almost as many clients as it takes.`,
      action: moreClients,
      example: [
        { metric: metrics.clients, labels, quiet: 100, alarm: 900 },
        { metric: metrics.maxClients, labels, quiet: 1000, alarm: 1000 },
      ],
    },
    {
      name: "RedisConnectionsRefused",
      of,
      severity: "critical",
      value: sum(increase(counts(metrics.rejected, where), "5m"), ["resource"]),
      op: ">",
      threshold: 0,
      for: "0s",
      about: "connections",
      summary: `${of} refused connections: it has as many clients as it takes.`,
      action: moreClients,
      example: [{ metric: metrics.rejected, labels, quiet: 0, alarm: 10 }],
    },
    ...(cluster
      ? [
          zero("RedisClusterDown", metrics.clusterOk, `The cluster of ${of} does not answer for all its slots.`),
          {
            name: "RedisSlotsFailed",
            of,
            severity: "critical",
            value: max(level(metrics.failedSlots, where), ["resource"]),
            op: ">",
            threshold: 0,
            for: "1m",
            summary: `A part of the keys of ${of}'s cluster has no node that is up.`,
            action: "caisson health shows which node is down, caisson why its causes.",
            example: [{ metric: metrics.failedSlots, labels, quiet: 0, alarm: 5461 }],
          } satisfies Alert,
          {
            name: "RedisLinkDown",
            of,
            severity: "warning",
            value: min(level(metrics.linkUp, where), ["resource"]),
            op: "==",
            threshold: 0,
            for: "5m",
            summary: `${of} does not reach its master: what it would take over is old.`,
            action: `caisson logs ${of} says why.`,
            example: [
              {
                metric: metrics.linkUp,
                labels: { ...labels, master_host: "10.0.0.2", master_port: "6379" },
                quiet: 1,
                alarm: 0,
              },
            ],
          } satisfies Alert,
        ]
      : []),
  ];
}

/** Of what may evict: that it does, and that it is hardly of use. */
function cacheAlerts(of: string): Alert[] {
  const where = { resource: of };
  const labels = { job: "exporter", instance: "a", resource: of };
  const hits = sum(rate(counts(metrics.hits, where), "10m"), ["resource"]);
  const asked = calculate(hits, "+", sum(rate(counts(metrics.misses, where), "10m"), ["resource"]));
  return [
    {
      name: "RedisEvictions",
      of,
      severity: "info",
      value: sum(rate(counts(metrics.evicted, where), "5m"), ["resource"]),
      op: ">",
      threshold: 0,
      for: "10m",
      summary: `${of} gives up keys to make room for others.`,
      action: "Raise maxMemory where its hits suffer.",
      example: [{ metric: metrics.evicted, labels, quiet: 0, alarm: 60 }],
    },
    {
      name: "RedisHitsLow",
      of,
      severity: "info",
      value: ratio(hits, asked),
      op: "<",
      threshold: 0.8,
      // A few keys asked for an hour are no rate.
      guard: compare(asked, ">", 0.1),
      for: "30m",
      summary: `Much of what ${of} is asked for is not there.`,
      action: "Raise maxMemory where it evicts; else look at how long its keys are kept.",
      example: [
        { metric: metrics.hits, labels, quiet: 900, alarm: 300 },
        { metric: metrics.misses, labels, quiet: 100, alarm: 700 },
      ],
    },
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
