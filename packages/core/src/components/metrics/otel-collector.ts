import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList } from "../../model/monitoring.ts";
import { counts, increase, level, max, ratio, sum } from "../../promql/build.ts";

/** The Collector 0.162, by the names that its readers keep (see `collectorConfig`): what alerts use of it. */
export const collectorMetrics = {
  program: "otelcol",
  version: "0.162",
  origin: "unverified",
  metrics: {
    queued: gauge("otelcol_exporter_queue_size", ["exporter"], "Batches that wait to be handed on"),
    queueLimit: gauge("otelcol_exporter_queue_capacity", ["exporter"], "Most batches that may wait"),
    unsentSpans: counter("otelcol_exporter_send_failed_spans", ["exporter"], "Spans that could not be handed on"),
    refusedSpans: counter("otelcol_receiver_refused_spans", ["receiver", "transport"], "Spans that were not taken in"),
  },
} as const satisfies MetricList;

const { metrics } = collectorMetrics;

/** Alerts on a Collector that cannot hand on, or take in, what it gets. */
export function collectorAlerts(of: string): Alert[] {
  const where = { resource: of };
  const labels = { job: of, instance: "a", resource: of };
  const exporter = { ...labels, exporter: "otlp_grpc" };
  const lost = (
    name: string,
    metric: typeof metrics.unsentSpans | typeof metrics.refusedSpans,
    own: Readonly<Record<string, string>>,
    summary: string,
    action: string,
  ): Alert => ({
    name,
    of,
    severity: "warning",
    value: sum(increase(counts<string>(metric, where), "5m"), ["resource"]),
    op: ">",
    threshold: 0,
    for: "5m",
    summary,
    action,
    example: [{ metric, labels: { ...labels, ...own }, quiet: 0, alarm: 10 }],
  });
  return [
    {
      name: "CollectorQueueFull",
      of,
      severity: "warning",
      value: ratio(
        max(level(metrics.queued, where), ["resource", "exporter"]),
        max(level(metrics.queueLimit, where), ["resource", "exporter"]),
      ),
      op: ">",
      threshold: 0.8,
      for: "5m",
      summary: `What ${of} has for {{ $labels.exporter }} piles up; once the queue is full it is thrown away.`,
      action: `caisson logs ${of} shows what its receiver answers.`,
      example: [
        { metric: metrics.queued, labels: exporter, quiet: 10, alarm: 900 },
        { metric: metrics.queueLimit, labels: exporter, quiet: 1000, alarm: 1000 },
      ],
    },
    lost(
      "CollectorSpansLost",
      metrics.unsentSpans,
      { exporter: "otlp_grpc" },
      `${of} could not hand spans on, and has thrown them away.`,
      `caisson logs ${of} shows what their receiver answered.`,
    ),
    lost(
      "CollectorSpansRefused",
      metrics.refusedSpans,
      { receiver: "otlp", transport: "grpc" },
      `${of} takes no spans in: it is short of memory, or who comes after it does not keep up.`,
      `Raise the memory limit of ${of}, or look at what it hands on to.`,
    ),
  ];
}
