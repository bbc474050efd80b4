import { counter, gauge, histogram } from "../../model/metric.ts";
import type { MetricList, PanelRow } from "../../model/monitoring.ts";
import { counts, level, matches, rate, sum } from "../../promql/build.ts";
import { timePanel } from "./http-panels.ts";

/** SeaweedFS 4: what panels use of it. */
export const seaweedfsMetrics = {
  program: "seaweedfs",
  version: "4",
  origin: "unverified",
  metrics: {
    requests: counter("SeaweedFS_s3_request_total", ["type", "code", "bucket"], "Requests to the S3 API"),
    seconds: histogram("SeaweedFS_s3_request_seconds", ["type", "bucket"], "Time to answer a request to the S3 API"),
    bytes: gauge("SeaweedFS_volumeServer_total_disk_size", ["collection", "type"], "What volumes take of the disk"),
  },
} as const satisfies MetricList;

const { metrics } = seaweedfsMetrics;

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
        timePanel(metrics.seconds, of),
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
