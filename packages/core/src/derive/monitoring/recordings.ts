import type { Config } from "../../components/config-text.ts";
import type { Metric } from "../../model/contract.ts";
import type { Resource } from "../../model/resource.ts";
import { both, calculate, changes, level, max, overTime } from "../../promql/build.ts";
import type { Query, TargetLabel } from "../../promql/query.ts";
import { promqlText } from "../../promql/text.ts";
import { availability, metricSources, scrapeMetrics } from "./sources.ts";

/** A series computed ahead of time; its name has colons, its labels are the query's. */
interface Recording {
  readonly metric: Metric;
  readonly query: Query;
}

/** The recording rules, each after those it reads. */
export function recordings(resources: readonly Resource[]): readonly Recording[] {
  const up = level(availability.up);
  return [
    { metric: availability.up, query: max(upOf(resources), ["resource"]) },
    { metric: availability.hour, query: overTime("avg", up, "1h") },
    { metric: availability.day, query: overTime("avg", up, "1d") },
    { metric: availability.week, query: overTime("avg", up, "7d") },
    { metric: availability.month, query: overTime("avg", up, "30d") },
    // It goes down and comes back: two changes an outage.
    { metric: availability.outages, query: calculate(changes(up, "1d"), "/", 2) },
  ];
}

/**
 * 1 while something is up. Of a store that an exporter tells about, what the exporter says (`pg_up`): that the exporter
 * answers says nothing of it. While the exporter itself is down its 0 counts: what nobody can see is not up.
 */
function upOf(resources: readonly Resource[]): Query<TargetLabel> {
  const told = new Map(metricSources(resources).flatMap(({ list: { up } }) => (up ? [[up.name, up] as const] : [])));
  const sayings = [...told.values(), scrapeMetrics.up].map((metric): Query<TargetLabel> => level(metric));
  return sayings.reduce((first, second) => both(first, "or", second));
}

/** A recording rule as Prometheus's rule files have it. */
export function recordingRule({ metric, query }: Recording): Config {
  return { record: metric.name, expr: promqlText(query) };
}
