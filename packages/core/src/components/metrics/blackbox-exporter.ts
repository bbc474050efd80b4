import { gauge } from "../../model/metric.ts";
import type { Alert, MetricList, Severity } from "../../model/monitoring.ts";
import { calculate, level, min, now } from "../../promql/build.ts";

/** blackbox_exporter 0.28: what alerts and panels use of it. */
export const blackboxMetrics = {
  program: "blackbox_exporter",
  version: "0.28",
  origin: "unverified",
  metrics: {
    success: gauge("probe_success", [], "1 when the last probe succeeded"),
    seconds: gauge("probe_duration_seconds", [], "How long the last probe took"),
    certificateEnds: gauge(
      "probe_ssl_earliest_cert_expiry",
      [],
      "When the first certificate of the chain ends, as Unix time",
    ),
  },
} as const satisfies MetricList;

const { metrics } = blackboxMetrics;
const day = 86_400;

/** Alerts on what an exporter probes from outside: whether it answers, and how long its certificate is good. */
export function probeAlerts(of: string): Alert[] {
  const labels = { job: "probe", instance: "a", resource: of };
  const ends = min(level(metrics.certificateEnds, { resource: of }), ["instance"]);
  const certificate = (name: string, severity: Severity, days: number): Alert => ({
    name,
    of,
    severity,
    value: calculate(calculate(ends, "-", now), "/", day),
    op: "<",
    threshold: days,
    for: "5m",
    topic: "certificate",
    summary: "The certificate of {{ $labels.instance }} ends soon.",
    action: `caisson logs ${of} says why it was not renewed.`,
    example: [{ metric: metrics.certificateEnds, labels, quiet: 90 * day, alarm: (days - 1) * day }],
  });
  return [
    {
      name: "ProbeFailed",
      of,
      severity: "critical",
      value: min(level(metrics.success, { resource: of }), ["instance"]),
      op: "==",
      threshold: 0,
      for: "2m",
      topic: "down",
      summary: "{{ $labels.instance }} does not answer from outside.",
      action: `caisson why ${of} tells the chain of causes.`,
      example: [{ metric: metrics.success, labels, quiet: 1, alarm: 0 }],
    },
    certificate("CertificateEndsSoon", "warning", 14),
    certificate("CertificateEndsNow", "critical", 3),
  ];
}
