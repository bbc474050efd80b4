import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow } from "../../model/monitoring.ts";
import { counts, level, max, rate, sum } from "../../promql/build.ts";
import { down } from "./down.ts";

const up = gauge("nginx_up", [], "1 when the last question was answered");

/** nginx-prometheus-exporter 1.5: what alerts and panels use of it. */
export const nginxMetrics = {
  program: "nginx-prometheus-exporter",
  version: "1.5",
  origin: "captured",
  up,
  metrics: {
    up,
    active: gauge("nginx_connections_active", [], "Connections of clients"),
    requests: counter("nginx_http_requests_total", [], "Requests"),
  },
} as const satisfies MetricList;

const { metrics } = nginxMetrics;

/** Alerts on an nginx that an exporter looks at. */
export function nginxAlerts(of: string): Alert[] {
  return [down("NginxDown", of, metrics.up)];
}

/** Panels on an nginx that an exporter looks at. */
export function nginxPanels(of: string): PanelRow[] {
  const where = { resource: of };
  return [
    {
      title: of,
      panels: [
        {
          title: "Requests a second",
          kind: "timeseries",
          unit: "reqps",
          queries: [{ legend: "requests", query: sum(rate(counts(metrics.requests, where), "5m")) }],
        },
        {
          title: "Connections",
          kind: "timeseries",
          unit: "short",
          queries: [{ legend: "active", query: max(level(metrics.active, where)) }],
        },
      ],
    },
  ];
}
