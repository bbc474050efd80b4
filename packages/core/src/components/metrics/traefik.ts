import { counter, gauge, histogram } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow, Severity } from "../../model/monitoring.ts";
import {
  calculate,
  compare,
  counts,
  level,
  matches,
  min,
  now,
  quantile,
  rate,
  ratio,
  sum,
} from "../../promql/build.ts";
import { errorsPanel, timePanel } from "./http-panels.ts";

const served = ["code", "method", "protocol", "service"] as const;

/** Traefik 3.7: what alerts and panels use of it. */
export const traefikMetrics = {
  program: "traefik",
  version: "3.7",
  origin: "unverified",
  metrics: {
    requests: counter("traefik_service_requests_total", served, "Requests handed to a service"),
    seconds: histogram("traefik_service_request_duration_seconds", served, "Time to answer a request"),
    certificateEnds: gauge(
      "traefik_tls_certs_not_after",
      ["cn", "sans", "serial"],
      "When a certificate ends, as Unix time",
    ),
  },
} as const satisfies MetricList;

const { metrics } = traefikMetrics;
const day = 86_400;

/** Alerts on an edge: what its services answer, how fast, and how long its certificates are good. */
export function traefikAlerts(of: string, { tls }: { readonly tls: boolean }): Alert[] {
  const where = { resource: of };
  const labels = { job: of, instance: "a", resource: of };
  const request = { ...labels, method: "GET", protocol: "http", service: "app@file" };
  const requests = sum(rate(counts(metrics.requests, where), "5m"), ["service"]);
  const failed = sum(rate(counts(metrics.requests, { ...where, code: matches("5..") }), "5m"), ["service"]);
  const certificate = (name: string, severity: Severity, days: number): Alert => ({
    name,
    of,
    severity,
    value: calculate(calculate(min(level(metrics.certificateEnds, where), ["cn"]), "-", now), "/", day),
    op: "<",
    threshold: days,
    for: "5m",
    about: "certificate",
    summary: "The certificate of {{ $labels.cn }} ends soon.",
    action: `caisson logs ${of} says why it was not renewed.`,
    example: [
      {
        metric: metrics.certificateEnds,
        labels: { ...labels, cn: "example.org", sans: "example.org", serial: "1" },
        quiet: 90 * day,
        alarm: (days - 1) * day,
      },
    ],
  });
  return [
    {
      name: "EdgeErrorsHigh",
      of,
      severity: "critical",
      value: ratio(failed, requests),
      op: ">",
      threshold: 0.05,
      // One failure among three requests is no rate.
      guard: compare(requests, ">", 0.1),
      for: "5m",
      summary:
        "More than the bearable share of what {{ $labels.service }} answers through the edge are errors of the server (5xx).",
      action: `caisson logs ${of} shows the requests, caisson health which service is unwell.`,
      example: [
        { metric: metrics.requests, labels: { ...request, code: "200" }, quiet: 120, alarm: 90 },
        { metric: metrics.requests, labels: { ...request, code: "503" }, quiet: 0, alarm: 30 },
      ],
    },
    {
      name: "EdgeLatencyHigh",
      of,
      severity: "warning",
      value: quantile(0.95, metrics.seconds, "5m", { by: ["service"], where }),
      op: ">",
      threshold: 1,
      for: "10m",
      summary: "One request in twenty through the edge to {{ $labels.service }} takes longer than it may.",
      action: `caisson logs ${of} has slow requests; look at the service and what it depends on.`,
      example: ["1", "2.5", "+Inf"].map((le) => ({
        metric: metrics.seconds,
        part: "bucket" as const,
        labels: { ...request, code: "200", le },
        quiet: 60,
        alarm: le === "1" ? 6 : 60,
      })),
    },
    ...(tls
      ? [certificate("CertificateEndsSoon", "warning", 14), certificate("CertificateEndsNow", "critical", 3)]
      : []),
  ];
}

/** Panels on an edge. */
export function traefikPanels(of: string): PanelRow[] {
  const where = { resource: of };
  const answered = (code: string) => sum(rate(counts(metrics.requests, { ...where, code: matches(code) }), "5m"));
  return [
    {
      title: of,
      panels: [
        {
          title: "Requests a second",
          kind: "timeseries",
          unit: "reqps",
          queries: [{ legend: "{{service}}", query: sum(rate(counts(metrics.requests, where), "5m"), ["service"]) }],
        },
        errorsPanel(answered),
        timePanel(metrics.seconds, where),
      ],
    },
  ];
}
