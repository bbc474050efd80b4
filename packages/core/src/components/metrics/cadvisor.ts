import { containerLabels, plainLabel } from "../../model/container-labels.ts";
import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, Panel, PanelRow } from "../../model/monitoring.ts";
import type { Query } from "../../promql/query.ts";
import {
  calculate,
  changes,
  compare,
  count,
  counts,
  level,
  max,
  overTime,
  rate,
  ratio,
  sum,
} from "../../promql/build.ts";

/**
 * cAdvisor 0.60; `resource` comes from a label of the container, see {@link cadvisorRename}. It
 * counts programs killed at a memory limit by the kernel's log, which its container does not get: that is the host's alert.
 */
export const cadvisorMetrics = {
  program: "cadvisor",
  version: "0.60",
  origin: "unverified",
  metrics: {
    cpuSeconds: counter("container_cpu_usage_seconds_total", ["id", "image", "name", "cpu"], "CPU time of a container"),
    cpuQuota: gauge(
      "container_spec_cpu_quota",
      ["id", "image", "name"],
      "CPU time in a period; absent without a limit",
    ),
    cpuPeriod: gauge("container_spec_cpu_period", ["id", "image", "name"], "The period of the CPU limit"),
    periods: counter("container_cpu_cfs_periods_total", ["id", "image", "name"], "Periods of the CPU limit"),
    throttled: counter(
      "container_cpu_cfs_throttled_periods_total",
      ["id", "image", "name"],
      "Periods in which a container had to wait because of its CPU limit",
    ),
    startedAt: gauge("container_start_time_seconds", ["id", "image", "name"], "When a container started, as Unix time"),
    memoryBytes: gauge("container_memory_working_set_bytes", ["id", "image", "name"], "Memory that cannot be freed"),
    memoryLimit: gauge("container_spec_memory_limit_bytes", ["id", "image", "name"], "Memory limit; 0 is none"),
    received: counter("container_network_receive_bytes_total", ["id", "image", "name", "interface"], "Bytes received"),
    sent: counter("container_network_transmit_bytes_total", ["id", "image", "name", "interface"], "Bytes sent"),
    readBytes: counter("container_fs_reads_bytes_total", ["id", "image", "name", "device"], "Bytes read from disk"),
    writtenBytes: counter(
      "container_fs_writes_bytes_total",
      ["id", "image", "name", "device"],
      "Bytes written to disk",
    ),
  },
} as const satisfies MetricList;

/** How cAdvisor writes a label of a container. */
const labelOf = (label: string): string => `container_label_${plainLabel(label)}`;

/** cAdvisor tells about all containers; whose each is stands in labels that every target gives it. */
export const cadvisorOwner = {
  stack: labelOf(containerLabels.stack),
  environment: labelOf(containerLabels.environment),
} as const;

export const cadvisorRename = { [labelOf(containerLabels.resource)]: "resource" } as const;

const { metrics } = cadvisorMetrics;

/** Alerts on every container of the stack; `of` is who looks. */
export function containerAlerts(of: string): Alert[] {
  const labels = { job: of, instance: "a", resource: "api", id: "/a", image: "i", name: "api-1" };
  const starts = level(metrics.startedAt);
  return [
    {
      name: "ContainerMemoryHigh",
      of,
      severity: "warning",
      value: ratio(
        max(level(metrics.memoryBytes), ["name"]),
        max(compare(level(metrics.memoryLimit), ">", 0), ["name"]),
      ),
      op: ">",
      threshold: 0.9,
      for: "5m",
      summary: "The container {{ $labels.name }} is about to reach its memory limit.",
      action: "Its row of the dashboard shows since when; raise limits.memory or look for what grows.",
      example: [
        { metric: metrics.memoryBytes, labels, quiet: 100, alarm: 950 },
        { metric: metrics.memoryLimit, labels, quiet: 1000, alarm: 1000 },
      ],
    },
    {
      name: "ContainerCpuHigh",
      of,
      severity: "warning",
      value: ratio(
        sum(rate(counts(metrics.cpuSeconds), "5m"), ["name"]),
        ratio(max(level(metrics.cpuQuota), ["name"]), max(level(metrics.cpuPeriod), ["name"])),
      ),
      op: ">",
      threshold: 0.85,
      for: "10m",
      summary: "The container {{ $labels.name }} uses all the CPU it may.",
      action: "Its row of the dashboard shows since when; raise limits.cpus.",
      example: [
        { metric: metrics.cpuSeconds, labels: { ...labels, cpu: "total" }, quiet: 6, alarm: 57 },
        { metric: metrics.cpuQuota, labels, quiet: 100_000, alarm: 100_000 },
        { metric: metrics.cpuPeriod, labels, quiet: 100_000, alarm: 100_000 },
      ],
    },
    {
      name: "ContainerThrottled",
      of,
      severity: "info",
      value: ratio(
        sum(rate(counts(metrics.throttled), "5m"), ["name"]),
        sum(rate(counts(metrics.periods), "5m"), ["name"]),
      ),
      op: ">",
      threshold: 0.25,
      for: "10m",
      summary:
        "The container {{ $labels.name }} often waits because of its CPU limit, however little it uses on average.",
      action: "Look at its latencies; raise limits.cpus where they suffer.",
      example: [
        { metric: metrics.throttled, labels, quiet: 6, alarm: 300 },
        { metric: metrics.periods, labels, quiet: 600, alarm: 600 },
      ],
    },
    {
      name: "ContainerRestarting",
      of,
      severity: "warning",
      // A container that was started again has another time; one that was made anew has another id, too.
      value: calculate(
        calculate(sum(changes(starts, "15m"), ["name"]), "+", count(overTime("count", starts, "15m"), ["name"])),
        "-",
        1,
      ),
      op: ">",
      threshold: 2,
      for: "0s",
      summary: "The container {{ $labels.name }} started again and again within a quarter of an hour.",
      action: "caisson ps names its resource, caisson logs what it said before it ended.",
      example: [{ metric: metrics.startedAt, labels, quiet: 1000, alarm: { from: 2000, aMinute: 60 } }],
    },
  ];
}

/** Panels on every container of the stack, by the resource it is of. */
export function containerPanels(of: string): PanelRow[] {
  const panel = (title: string, unit: Panel["unit"], query: Query): Panel => ({
    title,
    kind: "timeseries",
    unit,
    queries: [{ legend: "{{resource}}", query }],
  });
  const growth = (title: string, metric: typeof metrics.received | typeof metrics.readBytes): Panel =>
    panel(title, "Bps", sum(rate(counts<string>(metric), "5m"), ["resource"]));
  return [
    {
      title: `Containers (${of})`,
      panels: [
        panel("CPU", "short", sum(rate(counts(metrics.cpuSeconds), "5m"), ["resource"])),
        panel("Memory", "bytes", sum(level(metrics.memoryBytes), ["resource"])),
        growth("Received", metrics.received),
        growth("Sent", metrics.sent),
        growth("Read from disk", metrics.readBytes),
        growth("Written to disk", metrics.writtenBytes),
      ],
    },
  ];
}
