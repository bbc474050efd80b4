import { errorsPanel, timePanel } from "../../components/metrics/http-panels.ts";
import { kitMetrics, processMetrics } from "../../model/kit-metrics.ts";
import type { Panel, PanelRow } from "../../model/monitoring.ts";
import type { Resource } from "../../model/resource.ts";
import { constant, counts, level, matches, max, min, rate, sum, type Condition } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";
import { ofMembers, podUsage } from "../monitoring/pod-usage.ts";
import type { PodOf } from "../pods-of.ts";
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
      ...(program?.http ? httpPanels(where, "route") : []),
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

/** The row of a pod: what its members are and do together, by replica where it is of one. */
export function podPanels(pod: PodOf): PanelRow {
  const where = ofMembers(pod);
  const { limits } = pod.resources;
  const used = podUsage(pod);
  const perReplica = (title: string, unit: Panel["unit"], query: Query<"instance">, limit?: number): Panel => ({
    title,
    kind: "timeseries",
    unit,
    queries: [
      { legend: "{{instance}}", query },
      ...(limit === undefined ? [] : [{ legend: "limit", query: constant(limit) }]),
    ],
  });
  return {
    title: pod.name,
    panels: [
      {
        title: "Health",
        kind: "stat",
        unit: "bool",
        queries: [{ legend: "{{resource}}", query: level(availability.up, where) }],
      },
      {
        title: "Replicas",
        kind: "timeseries",
        unit: "short",
        queries: [
          { legend: "wanted", query: constant(pod.replicas) },
          // One is ready when all that run in it are.
          { legend: "ready", query: sum(min(level(kitMetrics().ready, where), ["instance"])) },
        ],
      },
      ...httpPanels(where, "resource"),
      perReplica("CPU", "short", used.cpus, limits.cpus),
      perReplica("Memory", "bytes", used.memory, limits.memory),
    ],
  };
}

function httpPanels(where: { readonly resource: Condition }, by: "route" | "resource"): Panel[] {
  const { httpRequests, httpSeconds } = kitMetrics();
  const answered = (status: string) => sum(rate(counts(httpRequests, { ...where, status: matches(status) }), "5m"));
  return [
    {
      title: "Requests a second",
      kind: "timeseries",
      unit: "reqps",
      queries: [{ legend: `{{${by}}}`, query: sum(rate(counts(httpRequests, where), "5m"), [by]) }],
    },
    errorsPanel(answered),
    timePanel(httpSeconds, where),
  ];
}
