import type { Metric } from "../../model/contract.ts";
import type { Panel } from "../../model/monitoring.ts";
import { quantile, type Condition } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";

/** How fast a resource answers, by a histogram of seconds. `where`: which resource, or which several together. */
export function timePanel<L extends string>(
  seconds: Metric<L, "histogram">,
  where: { readonly resource: Condition },
): Panel {
  return {
    title: "Time to answer",
    kind: "timeseries",
    unit: "s",
    queries: ([0.5, 0.95, 0.99] as const).map((q) => ({
      legend: `p${q * 100}`,
      query: quantile(q, seconds, "5m", { where }),
    })),
  };
}

/** What of a resource's answers were errors. `answered`: how many a second had a status that matches. */
export function errorsPanel(answered: (status: string) => Query<never>): Panel {
  return {
    title: "Errors a second",
    kind: "timeseries",
    unit: "reqps",
    queries: [
      { legend: "4xx", query: answered("4..") },
      { legend: "5xx", query: answered("5..") },
    ],
  };
}
