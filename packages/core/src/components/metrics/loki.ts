import { counter, histogram } from "../../model/metric.ts";
import type { Alert, MetricList } from "../../model/monitoring.ts";
import { counts, increase, matches, observations, rate, ratio, sum } from "../../promql/build.ts";

/** Loki: what alerts use of what it tells of itself. */
export const lokiMetrics = {
  program: "loki",
  version: "3.7",
  origin: "captured",
  metrics: {
    seconds: histogram(
      "loki_request_duration_seconds",
      ["method", "route", "status_code", "ws"],
      "Time to answer a request",
    ),
    panics: counter("loki_panic_total", [], "Requests that ended in a panic"),
  },
} as const satisfies MetricList;

const { metrics } = lokiMetrics;

/** Alerts on a Loki that answers with errors: what is pushed or asked for then is lost. */
export function lokiAlerts(of: string): Alert[] {
  const where = { resource: of };
  const labels = { job: of, instance: "a", resource: of };
  const request = { ...labels, method: "POST", route: "loki_api_v1_push", ws: "false" };
  const answered = (condition: object) =>
    sum(rate(observations(metrics.seconds, { ...where, ...condition }), "5m"), ["resource", "route"]);
  const all = answered({});
  return [
    {
      name: "LokiErrorsHigh",
      of,
      severity: "critical",
      value: ratio(answered({ status_code: matches("5..") }), all),
      op: ">",
      threshold: 0.1,
      for: "15m",
      summary: `Many answers of ${of} at {{ $labels.route }} are errors of the server (5xx): logs are lost or not found.`,
      action: `caisson logs ${of} says why.`,
      example: [
        { metric: metrics.seconds, part: "count", labels: { ...request, status_code: "204" }, quiet: 60, alarm: 30 },
        { metric: metrics.seconds, part: "count", labels: { ...request, status_code: "500" }, quiet: 0, alarm: 30 },
      ],
    },
    {
      name: "LokiPanics",
      of,
      severity: "critical",
      value: sum(increase(counts(metrics.panics, where), "10m"), ["resource"]),
      op: ">",
      threshold: 0,
      for: "0s",
      summary: `Requests to ${of} ended in a panic.`,
      action: `caisson logs ${of} shows where; report it to its authors.`,
      example: [{ metric: metrics.panics, labels, quiet: 0, alarm: 1 }],
    },
  ];
}
