import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList } from "../../model/monitoring.ts";
import { counts, increase, sum } from "../../promql/build.ts";
import { configurationRefused } from "./configuration-refused.ts";

/** Alertmanager: what alerts use of what it tells of itself. */
export const alertmanagerMetrics = {
  program: "alertmanager",
  version: "0.34",
  origin: "captured",
  metrics: {
    configOk: gauge("alertmanager_config_last_reload_successful", [], "1 when the last configuration was taken"),
    failed: counter(
      "alertmanager_notifications_failed_total",
      ["integration", "reason"],
      "Notifications that did not reach who should get them",
    ),
  },
} as const satisfies MetricList;

const { metrics } = alertmanagerMetrics;

/** Alerts on an Alertmanager; that messages do not arrive is told the ways that still work. */
export function alertmanagerAlerts(of: string): Alert[] {
  const labels = { job: of, instance: "a", resource: of };
  return [
    {
      name: "NotificationsFailing",
      of,
      severity: "critical",
      value: sum(increase(counts(metrics.failed, { resource: of }), "5m"), ["integration"]),
      op: ">",
      threshold: 0,
      for: "1m",
      summary: "Alerts do not arrive by {{ $labels.integration }}.",
      action: `caisson logs ${of} shows what was answered.`,
      example: [
        {
          metric: metrics.failed,
          labels: { ...labels, integration: "webhook", reason: "clientError" },
          quiet: 0,
          alarm: 1,
        },
      ],
    },
    configurationRefused(of, metrics.configOk),
  ];
}
