import { gauge } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow, Severity } from "../../model/monitoring.ts";
import { calculate, delta, level, max, min, sum } from "../../promql/build.ts";

const place = ["partition", "topic"] as const;

/** kafka_exporter 1.9: what alerts and panels use of it. */
export const kafkaMetrics = {
  program: "kafka_exporter",
  version: "1.9",
  origin: "unverified",
  metrics: {
    brokers: gauge("kafka_brokers", [], "Brokers of the cluster"),
    offset: gauge("kafka_topic_partition_current_offset", place, "Messages a partition was given so far"),
    inSync: gauge("kafka_topic_partition_in_sync_replica", place, "Replicas of a partition that are in sync"),
    underReplicated: gauge(
      "kafka_topic_partition_under_replicated_partition",
      place,
      "1 where a partition has fewer replicas in sync than it should",
    ),
    lag: gauge("kafka_consumergroup_lag", ["consumergroup", ...place], "Messages a group has still to read"),
    members: gauge("kafka_consumergroup_members", ["consumergroup"], "Consumers of a group"),
  },
} as const satisfies MetricList;

const { metrics } = kafkaMetrics;

/** Alerts on a cluster of `brokers`, of which `minInSync` must have a message, that the exporter `of` looks at. */
export function kafkaAlerts(
  of: string,
  { brokers, minInSync }: { readonly brokers: number; readonly minInSync: number },
): Alert[] {
  const where = { resource: of };
  const labels = { job: of, instance: "a", resource: of };
  const partition = { ...labels, partition: "0", topic: "events" };
  const lagging = (name: string, severity: Severity, threshold: number): Alert => ({
    name,
    of,
    severity,
    value: sum(level(metrics.lag, where), ["resource", "consumergroup", "topic"]),
    op: ">",
    threshold,
    for: "10m",
    about: "lag",
    summary: "The group {{ $labels.consumergroup }} is far behind on {{ $labels.topic }}.",
    action: "Look at the logs of its consumers; add replicas, up to one a partition.",
    // A group that is behind on two topics is two alerts.
    example: ["events", "audit"].map((topic) => ({
      metric: metrics.lag,
      labels: { ...partition, consumergroup: "g", topic },
      quiet: 10,
      alarm: threshold * 2,
    })),
  });
  return [
    {
      name: "KafkaBrokersMissing",
      of,
      severity: "critical",
      value: max(level(metrics.brokers, where), ["resource"]),
      op: "<",
      threshold: brokers,
      for: "2m",
      about: "down",
      summary: `Of the ${brokers} brokers that ${of} looks at some are gone.`,
      action: "caisson health shows which broker is down, caisson why tells its causes.",
      example: [{ metric: metrics.brokers, labels, quiet: brokers, alarm: brokers - 1 }],
    },
    {
      name: "KafkaUnderReplicated",
      of,
      severity: "critical",
      value: sum(level(metrics.underReplicated, where), ["resource"]),
      op: ">",
      threshold: 0,
      for: "5m",
      summary: "Partitions have fewer copies than they should: the next broker that goes may take data with it.",
      action: "caisson health shows which broker is down or slow.",
      example: [{ metric: metrics.underReplicated, labels: partition, quiet: 0, alarm: 1 }],
    },
    {
      name: "KafkaInSyncLow",
      of,
      severity: "critical",
      value: min(level(metrics.inSync, where), ["resource", "topic"]),
      op: "<",
      threshold: minInSync,
      for: "5m",
      about: "in-sync",
      summary: "{{ $labels.topic }} has fewer copies in sync than a write needs: what is sent there is refused.",
      action: "caisson health shows which broker is down or slow.",
      example: [{ metric: metrics.inSync, labels: partition, quiet: brokers, alarm: minInSync - 1 }],
    },
    lagging("KafkaLagHigh", "warning", 1_000),
    lagging("KafkaLagCritical", "critical", 10_000),
    {
      name: "KafkaGroupEmpty",
      of,
      severity: "warning",
      value: max(level(metrics.members, where), ["resource", "consumergroup"]),
      op: "==",
      threshold: 0,
      for: "10m",
      summary: "Nobody reads for the group {{ $labels.consumergroup }} any more.",
      action: "Start its consumers; a group that is over can be removed with kafka-consumer-groups.sh.",
      example: [{ metric: metrics.members, labels: { ...labels, consumergroup: "g" }, quiet: 2, alarm: 0 }],
    },
  ];
}

/** Panels on a cluster that the exporter `of` looks at. */
export function kafkaPanels(of: string): PanelRow[] {
  const where = { resource: of };
  return [
    {
      title: `Kafka (${of})`,
      panels: [
        {
          title: "Messages a second",
          kind: "timeseries",
          unit: "ops",
          queries: [
            // The exporter tells offsets as gauges; they only grow.
            {
              legend: "{{topic}}",
              query: calculate(sum(delta(level(metrics.offset, where), "5m"), ["topic"]), "/", 300),
            },
          ],
        },
        {
          title: "Lag",
          kind: "timeseries",
          unit: "short",
          queries: [
            {
              legend: "{{consumergroup}} {{topic}}",
              query: sum(level(metrics.lag, where), ["consumergroup", "topic"]),
            },
          ],
        },
        {
          title: "Partitions short of replicas",
          kind: "timeseries",
          unit: "short",
          queries: [{ legend: "{{topic}}", query: sum(level(metrics.underReplicated, where), ["topic"]) }],
        },
        {
          title: "Brokers",
          kind: "timeseries",
          unit: "short",
          queries: [{ legend: "brokers", query: max(level(metrics.brokers, where)) }],
        },
      ],
    },
  ];
}
