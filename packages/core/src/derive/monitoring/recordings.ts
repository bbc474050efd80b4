import type { Config } from "../../components/config-text.ts";
import type { Metric } from "../../model/contract.ts";
import { calculate, changes, level, max, overTime } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";
import { promqlText } from "../../promql/text.ts";
import { availability, scrapeMetrics } from "./sources.ts";

/** A series computed ahead of time; its name has colons, its labels are the query's. */
interface Recording {
  readonly metric: Metric;
  readonly query: Query;
}

/** The recording rules, each after those it reads. */
export function recordings(): readonly Recording[] {
  const up = level(availability.up);
  return [
    { metric: availability.up, query: max(level(scrapeMetrics.up), ["resource"]) },
    { metric: availability.hour, query: overTime("avg", up, "1h") },
    { metric: availability.day, query: overTime("avg", up, "1d") },
    { metric: availability.week, query: overTime("avg", up, "7d") },
    { metric: availability.month, query: overTime("avg", up, "30d") },
    // It goes down and comes back: two changes an outage.
    { metric: availability.outages, query: calculate(changes(up, "1d"), "/", 2) },
  ];
}

/** A recording rule as Prometheus's rule files have it. */
export function recordingRule({ metric, query }: Recording): Config {
  return { record: metric.name, expr: promqlText(query) };
}
