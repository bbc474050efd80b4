import type { MetricsFacet } from "../../model/monitoring.ts";

/** A component that serves metrics of which no alert or panel uses any yet: it is scraped, and missed when it is down. */
export function ownMetrics(port: string, program: string): MetricsFacet {
  return { port, path: "/metrics", list: { program, version: "any", origin: "unverified", metrics: {} } };
}
