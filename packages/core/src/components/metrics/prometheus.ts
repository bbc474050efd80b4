import { counter, gauge } from "../../model/metric.ts";
import type { Alert, MetricList } from "../../model/monitoring.ts";
import { counts, increase, sum } from "../../promql/build.ts";
import { configurationRefused } from "./configuration-refused.ts";

/** Prometheus 3: what alerts use of what it tells of itself. */
export const prometheusMetrics = {
  program: "prometheus",
  version: "3",
  origin: "captured",
  metrics: {
    ruleFailures: counter(
      "prometheus_rule_evaluation_failures_total",
      ["rule_group"],
      "Rules that could not be evaluated",
    ),
    compactionFailures: counter("prometheus_tsdb_compactions_failed_total", [], "Compactions that failed"),
    configOk: gauge("prometheus_config_last_reload_successful", [], "1 when the last configuration was taken"),
    sendErrors: counter("prometheus_notifications_errors_total", ["alertmanager"], "Alerts that could not be sent"),
  },
} as const satisfies MetricList;

const { metrics } = prometheusMetrics;

/** Alerts on a Prometheus; `delivers`: it has an Alertmanager. Whether it runs at all only somebody else can tell. */
export function prometheusAlerts(of: string, { delivers }: { readonly delivers: boolean }): Alert[] {
  const where = { resource: of };
  const labels = { job: of, instance: "a", resource: of };
  const failing: Alert = {
    name: "RulesFailing",
    of,
    severity: "critical",
    value: sum(increase(counts(metrics.ruleFailures, where), "5m"), ["resource"]),
    op: ">",
    threshold: 0,
    for: "5m",
    summary: `Rules of ${of} cannot be evaluated: what they watch is not watched.`,
    action: `caisson logs ${of} names the rule and what is wrong with it.`,
    example: [{ metric: metrics.ruleFailures, labels: { ...labels, rule_group: "availability" }, quiet: 0, alarm: 1 }],
  };
  const unstored: Alert = {
    name: "CompactionsFailing",
    of,
    severity: "warning",
    value: sum(increase(counts(metrics.compactionFailures, where), "1h"), ["resource"]),
    op: ">",
    threshold: 0,
    for: "5m",
    summary: `${of} cannot put its samples into blocks: its log of writes grows.`,
    action: `caisson logs ${of} says why; mostly its disk is full.`,
    example: [{ metric: metrics.compactionFailures, labels, quiet: 0, alarm: 1 }],
  };
  const unsent: Alert = {
    name: "AlertsUnsent",
    of,
    severity: "critical",
    value: sum(increase(counts(metrics.sendErrors, where), "5m"), ["resource"]),
    op: ">",
    threshold: 0,
    for: "1m",
    summary: `${of} could not hand alerts to its Alertmanager.`,
    action: `caisson logs ${of} says why, caisson health shows whether the Alertmanager runs.`,
    example: [
      { metric: metrics.sendErrors, labels: { ...labels, alertmanager: "http://a/api/v2/alerts" }, quiet: 0, alarm: 1 },
    ],
  };
  return [failing, unstored, configurationRefused(of, metrics.configOk), ...(delivers ? [unsent] : [])];
}
