import { metricSources } from "../derive/monitoring/sources.ts";
import type { Metric } from "../model/contract.ts";
import { kitMetrics } from "../model/kit-metrics.ts";
import type { Pod } from "../model/pod.ts";

/** Loads that have a name of ours; an alert is named after its load. */
const own = ["cpu", "memory", "requests"];
const loadPattern = /^[a-z][A-Za-z0-9]*$/;

/** What alerts on a pod's replicas could never ask for, or have nothing to tell it by. */
export function scaleProblems({ members, replicas, resources: { limits }, scale }: Pod): string[] {
  if (!scale) return [];
  const { min = 1, max, cpu, memory, requests, loads = {} } = scale;
  const bounds = [cpu, memory, requests, ...Object.values(loads).map(({ perReplica }) => perReplica)].filter(
    (bound) => bound !== undefined,
  );
  const emitted = new Set(
    metricSources(members).flatMap(({ list }) => Object.values(list.metrics).map(({ name }) => name)),
  );
  const nobody = ({ name }: Metric): boolean => !emitted.has(name);
  const { ready } = kitMetrics();
  return [
    !(min >= 1 && min <= replicas && replicas <= max) &&
      `expected 1 <= min <= replicas <= max, got min ${min}, replicas ${replicas}, max ${max}`,
    bounds.length === 0 && "expected cpu, memory, requests or loads, got none",
    bounds.some((bound) => !(bound > 0)) && "expected numbers above 0",
    cpu !== undefined && limits.cpus === undefined && "cpu is a share of limits.cpus, which the pod does not have",
    memory !== undefined &&
      limits.memory === undefined &&
      "memory is a share of limits.memory, which the pod does not have",
    nobody(ready) && `expected a member that is built on the kit, whose ${ready.name} counts the replicas; got none`,
    ...Object.entries(loads).flatMap(([name, { metric }]) => [
      own.includes(name) && `loads has ${name}, which is a load of another kind: choose another name`,
      !loadPattern.test(name) &&
        `expected loads named in letters and digits, lower-case first, got ${JSON.stringify(name)}`,
      nobody(metric) && `loads.${name} needs ${metric.name}, which no member emits`,
    ]),
  ].filter((each) => each !== false);
}
