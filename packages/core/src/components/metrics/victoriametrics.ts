import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList } from "../../model/monitoring.ts";
import { counts, increase, level, max, min, overTime, ratio, sum } from "../../promql/build.ts";

/** VictoriaMetrics 1: what alerts use of what it tells of itself. */
export const victoriaMetricsMetrics = {
  program: "victoria-metrics",
  version: "1",
  origin: "captured",
  metrics: {
    memoryBytes: gauge("process_resident_memory_anon_bytes", [], "Memory that cannot be freed"),
    memoryLimit: gauge("vm_available_memory_bytes", [], "Memory it may take, by its control group or the host"),
    readOnly: gauge("vm_storage_is_read_only", ["path"], "1 while it takes nothing in because its disk is full"),
    inserts: gauge("vm_concurrent_insert_current", [], "Inserts under way"),
    insertLimit: gauge("vm_concurrent_insert_capacity", [], "Most inserts at once"),
    ignored: counter("vm_rows_ignored_total", ["reason"], "Samples that were not taken in"),
  },
} as const satisfies MetricList;

const { metrics } = victoriaMetricsMetrics;

/** Alerts on a VictoriaMetrics that loses samples, or is about to. */
export function victoriaMetricsAlerts(of: string): Alert[] {
  const where = { resource: of };
  const labels = { job: of, instance: "a", resource: of };
  return [
    {
      name: "VictoriaMemoryHigh",
      of,
      severity: "warning",
      value: ratio(
        min(overTime("min", level(metrics.memoryBytes, where), "10m"), ["resource"]),
        max(level(metrics.memoryLimit, where), ["resource"]),
      ),
      op: ">",
      threshold: 0.8,
      for: "5m",
      summary: `${of} needs almost all the memory it may take, which leaves none to cache its files.`,
      action: "Raise its memory limit, or look for metrics with very many series.",
      example: [
        { metric: metrics.memoryBytes, labels, quiet: 100, alarm: 900 },
        { metric: metrics.memoryLimit, labels, quiet: 1000, alarm: 1000 },
      ],
    },
    {
      name: "VictoriaReadOnly",
      of,
      severity: "critical",
      value: max(level(metrics.readOnly, where), ["resource"]),
      op: "==",
      threshold: 1,
      for: "0s",
      summary: `${of} takes no samples in: its disk is full.`,
      action: "Shorten its retention or add a disk.",
      example: [{ metric: metrics.readOnly, labels: { ...labels, path: "/data" }, quiet: 0, alarm: 1 }],
    },
    {
      name: "VictoriaInsertsFull",
      of,
      severity: "warning",
      value: ratio(
        min(overTime("avg", level(metrics.inserts, where), "1m"), ["resource"]),
        max(level(metrics.insertLimit, where), ["resource"]),
      ),
      op: ">=",
      threshold: 1,
      for: "15m",
      summary: `${of} works on as many inserts as it may all the time: others wait, and are refused in the end.`,
      action: "Raise concurrentInserts, or its limit of CPU.",
      example: [
        { metric: metrics.inserts, labels, quiet: 1, alarm: 4 },
        { metric: metrics.insertLimit, labels, quiet: 4, alarm: 4 },
      ],
    },
    {
      name: "VictoriaRowsIgnored",
      of,
      severity: "warning",
      value: sum(increase(counts(metrics.ignored, where), "5m"), ["resource", "reason"]),
      op: ">",
      threshold: 0,
      for: "15m",
      summary: `${of} does not take all samples in: {{ $labels.reason }}.`,
      action: `caisson logs ${of} names some of them.`,
      example: [{ metric: metrics.ignored, labels: { ...labels, reason: "small_timestamp" }, quiet: 0, alarm: 10 }],
    },
  ];
}
