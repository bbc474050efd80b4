import { nearest } from "../../errors/nearest.ts";
import type { Problem } from "../../errors/problem.ts";
import type { Alert } from "../../model/monitoring.ts";
import type { Resource } from "../../model/resource.ts";
import { metricsIn, queryProblems } from "../../promql/check.ts";
import type { QueryNode } from "../../promql/query.ts";
import { emittedMetrics, metricSources } from "./sources.ts";

/**
 * What is wrong with the alerts, panels and metrics of a stack: a metric that nobody emits, a label it does not have, two
 * alerts of one name, a port that is not there. All at once, each with its path.
 */
export function monitoringProblems(stack: string, resources: readonly Resource[]): Problem[] {
  const emitted = emittedMetrics(resources);
  const problem = (path: string, message: string): Problem => ({ code: "E_METRIC", path: `${stack}/${path}`, message });
  const queries = (path: string, query: QueryNode): Problem[] => [
    ...[...metricsIn(query)].flatMap((metric) => {
      const found = emitted.get(metric.name);
      if (found?.some(({ kind, labels }) => kind === metric.kind && sameLabels(labels, metric.labels))) return [];
      const near = found ? undefined : nearest(metric.name, [...emitted.keys()]);
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      return [
        problem(
          path,
          found
            ? `expected ${metric.name} as it is emitted (${found.map(describe).join(" or ")}), got ${describe(metric)}`
            : `uses the metric ${metric.name}, which nobody in the stack emits${hint}`,
        ),
      ];
    }),
    ...queryProblems(query).map((message) => problem(path, message)),
  ];
  return resources.flatMap((resource) => {
    const { name, alerts = [], panels = [] } = resource;
    // An exporter may look at several.
    const about = (alert: Alert): string => `${alert.of ?? name}/${alert.name}`;
    const twice = alerts.filter((alert, index) => alerts.findIndex((other) => about(other) === about(alert)) !== index);
    return [
      ...twice.map((alert) => problem(`${name}/alerts/${alert.name}`, "a second alert of this resource has the name")),
      ...alerts.flatMap((alert) => [
        ...queries(`${name}/alerts/${alert.name}`, alert.value),
        ...(alert.guard ? queries(`${name}/alerts/${alert.name}/guard`, alert.guard) : []),
      ]),
      ...panels.flatMap((row) =>
        row.panels.flatMap((panel) =>
          panel.queries.flatMap(({ query }) => queries(`${name}/panels/${row.title}/${panel.title}`, query)),
        ),
      ),
      ...metricSources([resource])
        .filter(({ port }) => !resource.ports.some((each) => each.name === port))
        .map(({ port }) => problem(`${name}/metrics`, `names the port ${port}, which ${name} does not have`)),
    ];
  });
}

function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

function describe({ kind, labels }: { readonly kind: string; readonly labels: readonly string[] }): string {
  return `${kind} with ${labels.length === 0 ? "no labels" : labels.join(", ")}`;
}
