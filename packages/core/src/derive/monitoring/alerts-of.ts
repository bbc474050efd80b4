import { nearest } from "../../errors/nearest.ts";
import type { Problem } from "../../errors/problem.ts";
import type { Resource } from "../../model/resource.ts";
import type { BoundAlert } from "./alert-rule.ts";
import { metricsIn } from "../../promql/check.ts";
import { emittedMetrics } from "./sources.ts";
import { standardAlerts } from "./standard-alerts.ts";

/** Thresholds by alert (`ErrorsHigh`), or by resource and alert (`api-gateway/ErrorsHigh`), which wins; `off` drops it. */
export type Thresholds = Readonly<Record<string, number | "off">>;

/** All alerts of a stack with the thresholds in force; those on metrics of what is off are left out with it. */
export function alertsOf(resources: readonly Resource[], thresholds: Thresholds = {}): BoundAlert[] {
  const emitted = emittedMetrics(resources);
  return allAlerts(resources).flatMap((alert) => {
    const threshold = thresholds[`${alert.of}/${alert.name}`] ?? thresholds[alert.name] ?? alert.threshold;
    const there = [...metricsIn(alert.value)].every(({ name }) => emitted.has(name));
    return threshold === "off" || !there ? [] : [{ ...alert, threshold }];
  });
}

/** Thresholds of alerts that the stack does not have. */
export function thresholdProblems(name: string, resources: readonly Resource[], thresholds: Thresholds): Problem[] {
  const alerts = allAlerts(resources);
  const known = new Set(alerts.flatMap((alert) => [alert.name, `${alert.of}/${alert.name}`]));
  return Object.keys(thresholds)
    .filter((key) => !known.has(key))
    .map((key) => {
      const near = nearest(key, [...known]);
      return {
        code: "E_METRIC",
        path: `${name}/thresholds/${key}`,
        message: `sets the threshold of an alert that the stack does not have${near === undefined ? "" : `; did you mean ${near}?`}`,
      };
    });
}

function allAlerts(resources: readonly Resource[]): BoundAlert[] {
  const own = resources.flatMap(({ name, alerts = [] }) => alerts.map((alert) => ({ ...alert, of: alert.of ?? name })));
  return [...standardAlerts(resources), ...own];
}
