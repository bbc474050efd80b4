import type { Metric, Metrics } from "../../model/contract.ts";
import { defaultProbePaths } from "../../model/probe-paths.ts";
import { kitMetrics, processMetrics } from "../../model/kit-metrics.ts";
import { gauge } from "../../model/metric.ts";
import type { MetricsFacet } from "../../model/monitoring.ts";
import type { Resource } from "../../model/resource.ts";

/** A place that serves metrics: whose port it is, and about which resource they tell. */
export interface MetricSource extends MetricsFacet {
  readonly resource: string;
  readonly of: string;
  /** One of several that share a name: they are found by it, and may all be gone. Else an address is written down. */
  readonly found: boolean;
  /** One of several at one host: the host alone is the instance, by which they find each other. */
  readonly inPod: boolean;
}

/** What Prometheus itself notes of every scrape. */
export const scrapeMetrics = {
  /** 1 when the last scrape was answered. */
  up: gauge("up", [], "1 when the last scrape was answered, 0 when not"),
  seconds: gauge("scrape_duration_seconds", [], "How long the last scrape took"),
  samples: gauge("scrape_samples_scraped", [], "How many samples the last scrape brought"),
} as const;

/** Whether a resource is up, and what became of that over an hour, a day, a week and a month. */
export const availability = {
  up: gauge("resource:up:max", ["resource"], "1 while the resource is up, as its exporter or the scrape says"),
  hour: gauge("resource:availability:ratio1h", ["resource"], "Share of the last hour in which it was up"),
  day: gauge("resource:availability:ratio1d", ["resource"], "Share of the last day in which it was up"),
  week: gauge("resource:availability:ratio7d", ["resource"], "Share of the last week in which it was up"),
  month: gauge("resource:availability:ratio30d", ["resource"], "Share of the last 30 days in which it was up"),
  outages: gauge("resource:outages:count1d", ["resource"], "How often it went down in the last day"),
} as const;

/** Every place of a stack that serves metrics: a program's by its contract, a component's by its facets. */
export function metricSources(resources: readonly Resource[]): MetricSource[] {
  const names = new Set(resources.map(({ name }) => name));
  return resources.flatMap((resource) => {
    const { name, replicas, pod, metrics = [] } = resource;
    // What is off cannot be looked at.
    const seen = metrics.filter(({ through, of = name }) => through === undefined || names.has(of));
    return [...programFacet(resource), ...seen].map((facet) => ({
      ...facet,
      resource: name,
      of: facet.of ?? name,
      // A pod that scales may have one now.
      found: replicas > 1 || pod?.scale !== undefined,
      inPod: pod !== undefined,
    }));
  });
}

/** All metrics that somebody in the stack emits, by name. Two programs may emit one name with other labels. */
export function emittedMetrics(resources: readonly Resource[]): ReadonlyMap<string, readonly Metric[]> {
  const metrics = metricSources(resources).flatMap(({ list }) => Object.values(list.metrics));
  const watched: readonly Metric[] = [...Object.values(scrapeMetrics), ...Object.values(availability)];
  return Map.groupBy([...watched, ...metrics], ({ name }) => name);
}

/** A kit program serves on its management listener; any other only where its contract has metrics of its own. */
function programFacet({ kind, program }: Resource): MetricsFacet[] {
  if (kind !== "service" || program === undefined) return [];
  const { management, http, metrics } = program;
  if (!management && Object.keys(metrics).length === 0) return [];
  const shared: Metrics = management ? { ...kitMetrics(), ...processMetrics } : {};
  return [
    {
      port: management ? "management" : "http",
      path: http?.metrics ?? defaultProbePaths.metrics,
      list: {
        program: program.name,
        version: String(program.contractVersion),
        origin: "captured",
        // Keys only tell metrics apart here; a program's may be those of the kit.
        metrics: Object.fromEntries(
          [...Object.values(shared), ...Object.values(metrics)].map((metric) => [metric.name, metric]),
        ),
      },
    },
  ];
}
