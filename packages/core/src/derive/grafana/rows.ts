import type { PanelRow } from "../../model/monitoring.ts";
import type { Resource } from "../../model/resource.ts";
import { level } from "../../promql/build.ts";
import { metricsIn } from "../../promql/check.ts";
import { availability, emittedMetrics } from "../monitoring/sources.ts";
import { kitMembers, podsOf } from "../pods-of.ts";
import { podPanels, programPanels } from "./program-panels.ts";

/** The rows of a stack's dashboard: availability, then a row for each pod and each program, then those that resources declare. */
export function dashboardRows(resources: readonly Resource[]): PanelRow[] {
  const emitted = emittedMetrics(resources);
  const declared = resources.flatMap(({ panels = [] }) => panels);
  return [
    overview(),
    ...podsOf(resources)
      .filter((pod) => kitMembers(pod).length > 0)
      .map(podPanels),
    ...resources.filter((each) => each.kind === "service" && each.program?.management === true).map(programPanels),
    // Metrics of what is off have no panel either.
    ...declared.map((row) => ({
      ...row,
      panels: row.panels.filter(({ queries }) =>
        queries.every(({ query }) => [...metricsIn(query)].every(({ name }) => emitted.has(name))),
      ),
    })),
  ].filter(({ panels }) => panels.length > 0);
}

function overview(): PanelRow {
  return {
    title: "Availability",
    panels: [
      { title: "Up", kind: "stat", unit: "bool", queries: [{ legend: "{{resource}}", query: level(availability.up) }] },
      {
        title: "Last day",
        kind: "stat",
        unit: "percentunit",
        queries: [{ legend: "{{resource}}", query: level(availability.day) }],
      },
      {
        title: "Outages in the last day",
        kind: "stat",
        unit: "short",
        queries: [{ legend: "{{resource}}", query: level(availability.outages) }],
      },
    ],
  };
}
