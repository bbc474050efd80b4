import { errorsPanel, timePanel } from "../../components/metrics/http-panels.ts";
import { kitMetrics, processMetrics } from "../../model/kit-metrics.ts";
import type { Panel, PanelRow } from "../../model/monitoring.ts";
import type { Resource } from "../../model/resource.ts";
import { constant, counts, level, matches, max, rate, sum } from "../../promql/build.ts";
import { availability } from "../monitoring/sources.ts";

/**
 * The row of a program built on the kit: its health, replicas, CPU and memory, and where it serves HTTP its requests, errors
 * and times.
 */
export function programPanels({ name, program, replicas }: Resource): PanelRow {
  const where = { resource: name };
  return {
    title: name,
    panels: [
      {
        title: "Health",
        kind: "stat",
        unit: "bool",
        queries: [{ legend: name, query: level(availability.up, where) }],
      },
      {
        title: "Replicas",
        kind: "timeseries",
        unit: "short",
        queries: [
          { legend: "wanted", query: constant(replicas) },
          { legend: "ready", query: sum(level(kitMetrics().ready, where)) },
        ],
      },
      ...(program?.http ? httpPanels(name) : []),
      {
        title: "CPU",
        kind: "timeseries",
        unit: "short",
        queries: [
          { legend: "{{instance}}", query: max(rate(counts(processMetrics.cpuSeconds, where), "5m"), ["instance"]) },
        ],
      },
      {
        title: "Memory",
        kind: "timeseries",
        unit: "bytes",
        queries: [{ legend: "{{instance}}", query: max(level(processMetrics.residentBytes, where), ["instance"]) }],
      },
    ],
  };
}

function httpPanels(resource: string): Panel[] {
  const { httpRequests, httpSeconds } = kitMetrics();
  const answered = (status: string) => sum(rate(counts(httpRequests, { resource, status: matches(status) }), "5m"));
  return [
    {
      title: "Requests a second",
      kind: "timeseries",
      unit: "reqps",
      queries: [{ legend: "{{route}}", query: sum(rate(counts(httpRequests, { resource }), "5m"), ["route"]) }],
    },
    errorsPanel(answered),
    timePanel(httpSeconds, resource),
  ];
}
