import { counter, gauge, histogram } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow } from "../../model/monitoring.ts";
import { compare, counts, level, matches, rate, ratio, sum } from "../../promql/build.ts";
import { timePanel } from "./http-panels.ts";

/** SeaweedFS 4.44: what alerts and panels use of it. */
export const seaweedfsMetrics = {
  program: "seaweedfs",
  version: "4.44",
  origin: "captured",
  metrics: {
    requests: counter("SeaweedFS_s3_request_total", ["type", "code", "bucket"], "Requests to the S3 API"),
    seconds: histogram("SeaweedFS_s3_request_seconds", ["type", "bucket"], "Time to answer a request to the S3 API"),
    bytes: gauge("SeaweedFS_volumeServer_total_disk_size", ["collection", "type"], "What volumes take of the disk"),
  },
} as const satisfies MetricList;

const { metrics } = seaweedfsMetrics;

/** The alert on an object store that answers with errors. */
export function seaweedfsAlerts(of: string): Alert[] {
  const request = { job: of, instance: "a", resource: of, type: "GET", bucket: "uploads" };
  const where = { resource: of };
  const all = sum(rate(counts(metrics.requests, where), "5m"), ["resource"]);
  return [
    {
      name: "S3ErrorsHigh",
      of,
      severity: "critical",
      value: ratio(sum(rate(counts(metrics.requests, { ...where, code: matches("5..") }), "5m"), ["resource"]), all),
      op: ">",
      threshold: 0.05,
      // One failure among three requests is no rate.
      guard: compare(all, ">", 0.1),
      for: "5m",
      summary: `More than the bearable share of the answers of ${of} are errors of the server (5xx).`,
      action: `caisson logs ${of} says why; mostly its disk is full.`,
      example: [
        { metric: metrics.requests, labels: { ...request, code: "200" }, quiet: 120, alarm: 90 },
        { metric: metrics.requests, labels: { ...request, code: "500" }, quiet: 0, alarm: 30 },
      ],
    },
  ];
}

/** Panels on an object store. */
export function seaweedfsPanels(of: string): PanelRow[] {
  const where = { resource: of };
  return [
    {
      title: of,
      panels: [
        {
          title: "Size",
          kind: "timeseries",
          unit: "bytes",
          queries: [{ legend: "{{collection}}", query: sum(level(metrics.bytes, where), ["collection"]) }],
        },
        timePanel(metrics.seconds, { resource: of }),
        {
          title: "Requests a second",
          kind: "timeseries",
          unit: "reqps",
          queries: [
            { legend: "{{type}}", query: sum(rate(counts(metrics.requests, where), "5m"), ["type"]) },
            { legend: "5xx", query: sum(rate(counts(metrics.requests, { ...where, code: matches("5..") }), "5m")) },
          ],
        },
      ],
    },
  ];
}
