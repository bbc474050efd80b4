import { max } from "../../promql/build.ts";
import { kitMembers, podsOf } from "../pods-of.ts";
import type { Resource } from "../../model/resource.ts";
import type { BoundAlert } from "./alert-rule.ts";
import { limitAlerts } from "./limit-alerts.ts";
import { podUsage } from "./pod-usage.ts";
import { scaleAlerts } from "./scale-alerts.ts";

/** Alerts on what a pod has and its members have not: limits and a number of replicas. */
export function podAlerts(resources: readonly Resource[]): BoundAlert[] {
  return podsOf(resources).flatMap((pod) => {
    const [first] = kitMembers(pod);
    if (!first) return [];
    const { cpus, memory } = podUsage(pod);
    const labels = { job: first.name, instance: "a", resource: first.name };
    const used = { cpus: max(cpus), memory: max(memory) };
    const limits = limitAlerts(pod.name, used, pod.resources.limits, labels).filter(
      // Without a limit there is no share: several programs may well use more than one CPU.
      ({ name }) => name !== "CpuHigh" || pod.resources.limits.cpus !== undefined,
    );
    return [...limits, ...scaleAlerts(pod)];
  });
}
