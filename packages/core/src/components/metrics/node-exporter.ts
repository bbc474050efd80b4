import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, Severity } from "../../model/monitoring.ts";
import { avg, calculate, counts, differs, increase, lacks, level, max, rate, ratio, sum } from "../../promql/build.ts";

/** node_exporter 1.12: what alerts and panels use of it. */
export const nodeMetrics = {
  program: "node_exporter",
  version: "1.12",
  origin: "unverified",
  metrics: {
    cpuSeconds: counter("node_cpu_seconds_total", ["cpu", "mode"], "CPU time by mode"),
    memoryBytes: gauge("node_memory_MemTotal_bytes", [], "Memory of the host"),
    availableBytes: gauge("node_memory_MemAvailable_bytes", [], "Memory that programs can still get"),
    diskBytes: gauge("node_filesystem_size_bytes", ["device", "fstype", "mountpoint"], "Size of a file system"),
    freeBytes: gauge("node_filesystem_avail_bytes", ["device", "fstype", "mountpoint"], "Space for programs"),
    oomKills: counter("node_vmstat_oom_kill", [], "Programs killed because memory was used up"),
  },
} as const satisfies MetricList;

const { metrics } = nodeMetrics;

/** Alerts on the host that an exporter looks at. */
export function hostAlerts(of: string): Alert[] {
  const labels = { job: of, instance: "a", resource: of };
  const where = { resource: of };
  const disk = { ...labels, device: "sda", fstype: "ext4", mountpoint: "/" };
  const files = { ...where, fstype: lacks("tmpfs|overlay") };
  const free = ratio(
    max(level(metrics.freeBytes, files), ["instance", "mountpoint"]),
    max(level(metrics.diskBytes, files), ["instance", "mountpoint"]),
  );
  const diskBelow = (name: string, severity: Severity, threshold: number): Alert => ({
    name,
    of,
    severity,
    value: free,
    op: "<",
    threshold,
    for: "5m",
    about: "disk",
    summary: "The file system {{ $labels.mountpoint }} of {{ $labels.instance }} is almost full.",
    action: "docker system df shows what images and volumes take; shorten retentions or add a disk.",
    example: [
      { metric: metrics.diskBytes, labels: disk, quiet: 1000, alarm: 1000 },
      { metric: metrics.freeBytes, labels: disk, quiet: 500, alarm: Math.round(threshold * 900) },
    ],
  });
  const idle = avg(rate(counts(metrics.cpuSeconds, { ...where, mode: "idle" }), "5m"), ["instance"]);
  return [
    diskBelow("DiskLow", "warning", 0.1),
    diskBelow("DiskCritical", "critical", 0.05),
    {
      name: "HostCpuHigh",
      of,
      severity: "warning",
      value: calculate(calculate(idle, "*", -1), "+", 1),
      op: ">",
      threshold: 0.85,
      for: "15m",
      summary: "{{ $labels.instance }} has been busy for a quarter of an hour.",
      action: "The dashboard shows which resource takes the CPU.",
      example: [{ metric: metrics.cpuSeconds, labels: { ...labels, cpu: "0", mode: "idle" }, quiet: 50, alarm: 3 }],
    },
    {
      name: "HostMemoryHigh",
      of,
      severity: "warning",
      value: ratio(
        max(level(metrics.availableBytes, where), ["instance"]),
        max(level(metrics.memoryBytes, where), ["instance"]),
      ),
      op: "<",
      threshold: 0.1,
      for: "10m",
      summary: "{{ $labels.instance }} has almost no memory left.",
      action: "The dashboard shows which resource takes the memory; set limits.",
      example: [
        { metric: metrics.memoryBytes, labels, quiet: 1000, alarm: 1000 },
        { metric: metrics.availableBytes, labels, quiet: 500, alarm: 50 },
      ],
    },
    {
      name: "HostOutOfMemory",
      of,
      severity: "critical",
      value: sum(increase(counts(metrics.oomKills, { ...where, job: differs("") }), "5m"), ["instance"]),
      op: ">",
      threshold: 0,
      for: "1m",
      about: "HostMemoryHigh",
      summary: "{{ $labels.instance }} killed programs because its memory was used up.",
      action: "caisson ps shows what was restarted; lower limits or add memory.",
      example: [{ metric: metrics.oomKills, labels, quiet: 0, alarm: 1 }],
    },
  ];
}
