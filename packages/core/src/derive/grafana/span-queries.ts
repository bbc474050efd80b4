import { kitMetrics } from "../../model/kit-metrics.ts";
import type { Resource } from "../../model/resource.ts";
import { counts, matches, quantile, rate, sum } from "../../promql/build.ts";
import { metricsIn } from "../../promql/check.ts";
import type { Query } from "../../promql/query.ts";
import { promqlText } from "../../promql/text.ts";
import { emittedMetrics } from "../monitoring/sources.ts";

/** A question about the resource of a span, in PromQL with Grafana's variable for what its tags say. */
export interface SpanQuery {
  readonly name: string;
  readonly query: string;
}

/** Stands where the name of a span's resource will be. */
const asked = { resource: "span" };

/** What leads from a span to the metrics of who recorded it; only of metrics that somebody in the stack emits. */
export function spanQueries(resources: readonly Resource[]): SpanQuery[] {
  const { httpRequests, httpSeconds } = kitMetrics();
  const failed = counts(httpRequests, { status: matches("5.."), ...asked });
  const emitted = emittedMetrics(resources);
  return Object.entries<Query>({
    "Requests a second": sum(rate(counts(httpRequests, asked), "5m"), ["route"]),
    "Errors a second": sum(rate(failed, "5m"), ["route"]),
    "Time to answer (p95)": quantile(0.95, httpSeconds, "5m", { by: ["route"], where: asked }),
  })
    .filter(([, query]) => [...metricsIn(query)].every(({ name }) => emitted.has(name)))
    .map(([name, query]) => ({ name, query: withTags(promqlText(query)) }));
}

/**
 * Grafana puts the whole condition in place of `$__tags`, and nothing where a span has no such tag: it is the last, for PromQL takes
 * a comma there. `$` starts a variable in a provisioning file; two of them are one.
 */
function withTags(query: string): string {
  return query.replaceAll(`resource="${asked.resource}"`, () => "$$__tags");
}
