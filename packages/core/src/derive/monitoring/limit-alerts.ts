import type { Metric } from "../../model/contract.ts";
import { processMetrics } from "../../model/kit-metrics.ts";
import type { Resources } from "../../model/resource.ts";
import { ratio } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";
import type { BoundAlert } from "./alert-rule.ts";

/** What a resource uses of CPUs and memory, one value for all its replicas: the greatest. */
interface Used {
  readonly cpus: Query;
  readonly memory: Query;
}

/** Alerts on what comes near its limits. `labels`: those of a series in the examples. */
export function limitAlerts(
  of: string,
  used: Used,
  limits: Resources["limits"],
  labels: Readonly<Record<string, string>>,
): BoundAlert[] {
  // Without a limit: one, for one event loop uses no more.
  const { cpus = 1, memory } = limits;
  const example = (metric: Metric, quiet: number, alarm: number) => [{ metric, labels, quiet, alarm }];
  return [
    {
      name: "CpuHigh",
      of,
      severity: "warning",
      value: ratio(used.cpus, cpus),
      op: ">",
      threshold: 0.85,
      for: "10m",
      summary: `${of} uses more than its share of CPU for ten minutes.`,
      action: "Its row of the dashboard shows since when; add replicas or raise limits.cpus.",
      // Per minute: 60 seconds of one CPU.
      example: example(processMetrics.cpuSeconds, 6 * cpus, 57 * cpus),
    },
    ...(memory === undefined
      ? []
      : [
          {
            name: "MemoryHigh",
            of,
            severity: "warning",
            value: ratio(used.memory, memory),
            op: ">",
            threshold: 0.9,
            for: "5m",
            summary: `${of} is about to reach its memory limit, after which it is killed.`,
            action: "Its row of the dashboard shows since when; raise limits.memory or look for what grows.",
            example: example(processMetrics.residentBytes, Math.round(memory / 2), Math.round(memory * 0.95)),
          } satisfies BoundAlert,
        ]),
  ];
}
