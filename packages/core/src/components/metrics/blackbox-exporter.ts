import { gauge } from "../../model/metric.ts";
import type { Alert, MetricList, PanelRow, Severity } from "../../model/monitoring.ts";
import { calculate, level, max, min, now } from "../../promql/build.ts";

const up = gauge("probe_success", [], "1 when the last probe succeeded");

/** blackbox_exporter 0.28: what alerts and panels use of it. */
export const blackboxMetrics = {
  program: "blackbox_exporter",
  version: "0.28",
  origin: "captured",
  up,
  metrics: {
    up,
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

/** Alerts on what an exporter looks at from outside: whether it answers, and how long its certificate is good. */
export function probeAlerts(of: string, { tls }: { readonly tls: boolean }): Alert[] {
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
    about: "certificate",
    summary: "The certificate of {{ $labels.instance }} ends soon.",
    action:
      "The agent renews one of the stack's own in its last 30 days, and `caisson up` does; supply another with `caisson secret set`.",
    example: [{ metric: metrics.certificateEnds, labels, quiet: 90 * day, alarm: (days - 1) * day }],
  });
  return [
    {
      name: "ProbeFailed",
      of,
      severity: "critical",
      value: min(level(metrics.up, { resource: of }), ["instance"]),
      op: "==",
      threshold: 0,
      for: "2m",
      about: "down",
      summary: "{{ $labels.instance }} does not answer from outside.",
      action: `caisson why ${of} tells the chain of causes.`,
      example: [{ metric: metrics.up, labels, quiet: 1, alarm: 0 }],
    },
    ...(tls
      ? [certificate("CertificateEndsSoon", "warning", 14), certificate("CertificateEndsNow", "critical", 3)]
      : []),
  ];
}

/** Panels on what an exporter looks at from outside. */
export function probePanels(of: string): PanelRow[] {
  const where = { resource: of };
  return [
    {
      title: `${of} from outside`,
      panels: [
        {
          title: "Answers",
          kind: "stat",
          unit: "bool",
          queries: [{ legend: "{{instance}}", query: min(level(metrics.up, where), ["instance"]) }],
        },
        {
          title: "Time to answer",
          kind: "timeseries",
          unit: "s",
          queries: [{ legend: "{{instance}}", query: max(level(metrics.seconds, where), ["instance"]) }],
        },
        {
          title: "Certificate ends",
          kind: "stat",
          unit: "dateTimeFromNow",
          // Grafana counts milliseconds.
          queries: [
            {
              legend: "{{instance}}",
              query: calculate(min(level(metrics.certificateEnds, where), ["instance"]), "*", 1000),
            },
          ],
        },
      ],
    },
  ];
}
