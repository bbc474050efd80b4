import type { Edge } from "../../model/edge.ts";
import type { Strength } from "../../model/expression.ts";
import type { Condition, ResourceKind } from "../../model/resource.ts";
import type { Graph } from "../graph.ts";

const part = (name: string, kind: ResourceKind, component = "program") => ({ name, kind, component });
const edge = (from: string, to: string, strength: Strength, condition: Condition, why: string): Edge => ({
  from,
  to,
  strength,
  condition,
  why,
});

/** A stack with every kind of resource and strength of edge, and a circle of `uses` between the edge and a service. */
export function sampleGraph(): Graph {
  const programs = ["api-gateway", "event-processor", "query-service"];
  return {
    resources: [
      part("postgres", "component", "postgres"),
      part("postgres-provision", "job"),
      part("redis", "component", "redis"),
      part("migrate", "job"),
      ...programs.map((name) => part(name, "service")),
      part("rollup", "schedule"),
      part("report", "command"),
      part("warehouse", "external", "postgres"),
      part("edge", "component", "nginx"),
      part("prometheus", "component", "prometheus"),
    ],
    edges: [
      edge("postgres-provision", "postgres", "needs", "healthy", "config/adminUrl"),
      ...["migrate", ...programs].flatMap((name) => [
        edge(name, "postgres", "needs", "healthy", "config/databaseUrl"),
        edge(name, "postgres-provision", "needs", "completed", "config/databaseUrl"),
      ]),
      ...programs.map((name) => edge(name, "migrate", "needs", "completed", "after")),
      edge("api-gateway", "redis", "uses", "healthy", "config/redisUrl"),
      edge("api-gateway", "edge", "uses", "healthy", "config/publicUrl"),
      edge("edge", "api-gateway", "uses", "healthy", "files/nginx.conf"),
      edge("edge", "query-service", "uses", "healthy", "files/nginx.conf"),
      edge("edge", "query-service", "uses", "started", "after"),
      edge("rollup", "migrate", "needs", "completed", "after"),
      edge("rollup", "warehouse", "uses", "started", "config/warehouseUrl"),
      edge("report", "warehouse", "uses", "started", "config/warehouseUrl"),
      edge("prometheus", "api-gateway", "observes", "started", "scrape"),
      edge("prometheus", "postgres", "observes", "started", "scrape"),
    ],
  };
}
