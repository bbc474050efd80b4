import { nearest } from "../../errors/nearest.ts";
import type { Problem } from "../../errors/problem.ts";
import type { Duration } from "../../model/quantity.ts";
import type { Resource } from "../../model/resource.ts";
import type { BoundAlert } from "./alert-rule.ts";
import { metricsIn } from "../../promql/check.ts";
import { emittedMetrics } from "./sources.ts";
import { standardAlerts } from "./standard-alerts.ts";

/** What a stack sets of an alert: its threshold, that and how long it has to be exceeded, or that it is not wanted. */
export type AlertSetting = number | "off" | { readonly threshold?: number; readonly for?: Duration };

/** Settings by alert (`ErrorsHigh`), or by resource and alert (`api-gateway/ErrorsHigh`), which wins. */
export type AlertSettings = Readonly<Record<string, AlertSetting>>;

/** Who evaluates alerts, and what the stack sets of them. */
export interface AlertOptions {
  readonly settings?: AlertSettings;
  /** The Prometheus that evaluates: it cannot tell of itself that it is down. */
  readonly scraper?: string;
}

/** All alerts of a stack with what it sets of them; those on metrics of what is off are left out with it. */
export function alertsOf(resources: readonly Resource[], { settings = {}, scraper }: AlertOptions = {}): BoundAlert[] {
  const emitted = emittedMetrics(resources);
  return allAlerts(resources, scraper).flatMap((alert) => {
    const setting = settings[`${alert.of}/${alert.name}`] ?? settings[alert.name] ?? {};
    const there = [...metricsIn(alert.value)].every(({ name }) => emitted.has(name));
    if (setting === "off" || !there) return [];
    return [{ ...alert, ...(typeof setting === "number" ? { threshold: setting } : setting) }];
  });
}

/** Settings of alerts that the stack does not have. */
export function settingProblems(name: string, resources: readonly Resource[], settings: AlertSettings): Problem[] {
  const alerts = allAlerts(resources, name);
  const known = new Set(alerts.flatMap((alert) => [alert.name, `${alert.of}/${alert.name}`]));
  return Object.keys(settings)
    .filter((key) => !known.has(key))
    .map((key) => {
      const near = nearest(key, [...known]);
      return {
        code: "E_METRIC",
        path: `${name}/alerts/${key}`,
        message: `sets something of an alert that the stack does not have${near === undefined ? "" : `; did you mean ${near}?`}`,
      };
    });
}

function allAlerts(resources: readonly Resource[], scraper: string | undefined): BoundAlert[] {
  const own = resources.flatMap(({ name, alerts = [] }) => alerts.map((alert) => ({ ...alert, of: alert.of ?? name })));
  return [...standardAlerts(resources, scraper), ...own];
}
