import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow } from "../../model/monitoring.ts";
import { calculate, counts, level, max, rate, ratio, sum } from "../../promql/build.ts";
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
    answering: gauge("nginx_connections_writing", [], "Of these, those that wait for their answer or get it"),
    requests: counter("nginx_http_requests_total", [], "Requests"),
  },
} as const satisfies MetricList;

const { metrics } = nginxMetrics;

/** Alerts on an nginx that an exporter looks at; `connections`: the most that it has at once. */
export function nginxAlerts(of: string, connections: number): Alert[] {
  const where = { resource: of };
  const labels = { job: "exporter", instance: "a", resource: of };
  const most = (metric: typeof metrics.active) => max(level(metric, where), ["resource"]);
  return [
    down("NginxDown", of, metrics.up),
    {
      name: "NginxConnectionsHigh",
      of,
      severity: "warning",
      // Who is being answered has a second one, to the server behind.
      value: ratio(calculate(most(metrics.active), "+", most(metrics.answering)), connections),
      op: ">",
      threshold: 0.8,
      for: "5m",
      summary: `${of} has almost as many connections as it takes.`,
      action: "Look for clients that open many at once, and for answers that take long.",
      example: [
        { metric: metrics.active, labels, quiet: 10, alarm: Math.ceil(connections * 0.5) },
        { metric: metrics.answering, labels, quiet: 1, alarm: Math.ceil(connections * 0.4) },
      ],
    },
  ];
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
