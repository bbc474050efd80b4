import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, Severity } from "../../model/monitoring.ts";
import {
  avg,
  calculate,
  compare,
  counts,
  differs,
  increase,
  lacks,
  level,
  max,
  min,
  predict,
  rate,
  ratio,
  sum,
} from "../../promql/build.ts";

const place = ["device", "fstype", "mountpoint"] as const;

/** node_exporter 1.12: what alerts and panels use of it. */
export const nodeMetrics = {
  program: "node_exporter",
  version: "1.12",
  origin: "unverified",
  metrics: {
    cpuSeconds: counter("node_cpu_seconds_total", ["cpu", "mode"], "CPU time by mode"),
    memoryBytes: gauge("node_memory_MemTotal_bytes", [], "Memory of the host"),
    availableBytes: gauge("node_memory_MemAvailable_bytes", [], "Memory that programs can still get"),
    diskBytes: gauge("node_filesystem_size_bytes", place, "Size of a file system"),
    freeBytes: gauge("node_filesystem_avail_bytes", place, "Space for programs"),
    readOnly: gauge("node_filesystem_readonly", place, "1 where nothing can be written"),
    files: gauge("node_filesystem_files", place, "Most files of a file system; 0 where it has no such limit"),
    freeFiles: gauge("node_filesystem_files_free", place, "Files that can still be made"),
    diskWaits: counter(
      "node_disk_io_time_weighted_seconds_total",
      ["device"],
      "Time that requests to a disk took, summed over those under way at once",
    ),
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
  const at = ["instance", "mountpoint"] as const;
  const free = ratio(max(level(metrics.freeBytes, files), at), max(level(metrics.diskBytes, files), at));
  // What nobody writes to is as full as it was made.
  const writable = compare(max(level(metrics.readOnly, files), at), "==", 0);
  const onDisk = { metric: metrics.readOnly, labels: disk, quiet: 0, alarm: 0 };
  const diskBelow = (name: string, severity: Severity, threshold: number): Alert => ({
    name,
    of,
    severity,
    value: free,
    op: "<",
    threshold,
    guard: writable,
    for: "5m",
    about: "disk",
    summary: "The file system {{ $labels.mountpoint }} of {{ $labels.instance }} is almost full.",
    action: "docker system df shows what images and volumes take; shorten retentions or add a disk.",
    example: [
      { metric: metrics.diskBytes, labels: disk, quiet: 1000, alarm: 1000 },
      { metric: metrics.freeBytes, labels: disk, quiet: 500, alarm: Math.round(threshold * 900) },
      onDisk,
    ],
  });
  const idle = avg(rate(counts(metrics.cpuSeconds, { ...where, mode: "idle" }), "5m"), ["instance"]);
  return [
    diskBelow("DiskLow", "warning", 0.1),
    diskBelow("DiskCritical", "critical", 0.05),
    {
      name: "DiskFilling",
      of,
      severity: "warning",
      value: free,
      op: "<",
      threshold: 0.4,
      // Going on as it did for six hours, it is full within a day.
      guard: compare(min(predict(level(metrics.freeBytes, files), "6h", "1d"), at), "<", 0),
      for: "1h",
      about: "disk",
      summary:
        "The file system {{ $labels.mountpoint }} of {{ $labels.instance }} is full within a day if this goes on.",
      action: "The dashboard shows which resource writes; shorten its retention or add a disk.",
      example: [
        { metric: metrics.diskBytes, labels: disk, quiet: 1000, alarm: 1000 },
        { metric: metrics.freeBytes, labels: disk, quiet: 300, alarm: { from: 390, aMinute: -0.3 } },
      ],
    },
    {
      name: "InodesLow",
      of,
      severity: "warning",
      value: ratio(max(level(metrics.freeFiles, files), at), max(level(metrics.files, files), at)),
      op: "<",
      threshold: 0.1,
      guard: writable,
      for: "5m",
      summary: "The file system {{ $labels.mountpoint }} of {{ $labels.instance }} can hardly take more files.",
      action: "Look for a folder with very many small files; a file system is made with as many as it may ever have.",
      example: [
        { metric: metrics.files, labels: disk, quiet: 1000, alarm: 1000 },
        { metric: metrics.freeFiles, labels: disk, quiet: 500, alarm: 50 },
        onDisk,
      ],
    },
    {
      name: "DiskBusy",
      of,
      severity: "warning",
      value: max(rate(counts(metrics.diskWaits, where), "5m"), ["instance", "device"]),
      op: ">",
      threshold: 10,
      for: "30m",
      summary: "More requests wait for the disk {{ $labels.device }} of {{ $labels.instance }} than it can serve.",
      action: "The dashboard shows which resource reads and writes.",
      // Per minute: ten requests wait at any time.
      example: [{ metric: metrics.diskWaits, labels: { ...labels, device: "sda" }, quiet: 60, alarm: 1200 }],
    },
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
