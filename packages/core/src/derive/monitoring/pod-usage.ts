import { processMetrics } from "../../model/kit-metrics.ts";
import { counts, level, matches, rate, sum } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";
import { kitMembers, type PodOf } from "../pods-of.ts";

/** Selects what the members of a pod tell. */
export function ofMembers(pod: PodOf): { readonly resource: ReturnType<typeof matches> } {
  return {
    resource: matches(
      kitMembers(pod)
        .map(({ name }) => name)
        .join("|"),
    ),
  };
}

/** What each replica of a pod uses: its members together, which have its host as their instance. */
export function podUsage(pod: PodOf): { readonly cpus: Query<"instance">; readonly memory: Query<"instance"> } {
  const where = ofMembers(pod);
  return {
    cpus: sum(rate(counts(processMetrics.cpuSeconds, where), "5m"), ["instance"]),
    memory: sum(level(processMetrics.residentBytes, where), ["instance"]),
  };
}
