import { kitMetrics, processMetrics } from "../../model/kit-metrics.ts";
import type { ExampleSeries } from "../../model/monitoring.ts";
import type { ScaleOptions } from "../../model/scale.ts";
import { both, calculate, compare, count, counts, level, max, min, rate, ratio, sum } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";
import { kitMembers, type PodOf } from "../pods-of.ts";
import type { BoundAlert } from "./alert-rule.ts";
import { ofMembers, podUsage } from "./pod-usage.ts";

/** A load of a pod, of all its replicas together, and how much of it one bears. */
interface Load {
  readonly name: string;
  readonly total: Query<never>;
  readonly perReplica: number;
  /** What is told when each of `replicas` bears a share of what it may: quiet, then in alarm. */
  readonly example: (replicas: number, quiet: number, alarm: number) => readonly ExampleSeries[];
}

/** With one replica fewer each may bear this share of what it may at most: a pod must not go up and down by turns. */
const room = 0.8;

/** That a pod wants more replicas, by each of its loads, or could do with fewer, by all of them. */
export function scaleAlerts(pod: PodOf): BoundAlert[] {
  const { name: of, scale } = pod;
  if (!scale) return [];
  const { min: least = 1 } = scale;
  const { ready } = kitMetrics();
  // Those that are there, however many the stack has: `caisson scale` changes it.
  const replicas = count(min(level(ready, ofMembers(pod)), ["instance"]));
  const loads = loadsOf(pod, scale);
  const running = hosts(least + 1).map((instance): ExampleSeries => {
    const labels = { ...labelsOf(pod), instance };
    return { metric: ready, labels, quiet: 1, alarm: 1 };
  });
  const up = loads.map(({ name, total, perReplica, example }): BoundAlert => ({
    name: `ScaleUpBy${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    of,
    severity: "warning",
    value: ratio(total, replicas),
    op: ">",
    threshold: perReplica,
    for: "10m",
    about: "scale",
    summary: `A replica of ${of} bears more (${name}) than it should: it wants more of them.`,
    action: `caisson scale ${of}=REPLICAS adds some until the next up, at most ${scale.max}; beyond that raise its limits.`,
    example: [...running, ...example(least + 1, 0.5, 1.5)],
  }));
  const lighter = loads.map(({ total, perReplica }) => ({
    value: ratio(total, calculate(replicas, "-", 1)),
    threshold: Number((perReplica * room).toPrecision(12)),
  }));
  const [first, ...others] = lighter;
  if (!first) return up;
  const down: BoundAlert = {
    name: "ScaleDown",
    of,
    severity: "info",
    ...first,
    op: "<",
    guard: others.reduce<Query<never>>(
      (guard, { value, threshold }) => both(guard, "and", compare(value, "<", threshold)),
      compare(replicas, ">", least),
    ),
    for: "1h",
    about: "scale",
    summary: `${of} has so little to do that it could do with a replica fewer.`,
    action: `caisson scale ${of}=REPLICAS takes some away until the next up, down to ${least}.`,
    example: [...running, ...loads.flatMap(({ example }) => example(least + 1, 1, 0.1))],
  };
  return [...up, down];
}

function loadsOf(pod: PodOf, { cpu, memory, requests, loads = {} }: ScaleOptions): Load[] {
  const { limits } = pod.resources;
  const used = podUsage(pod);
  const { httpRequests } = kitMetrics();
  const labels = labelsOf(pod);
  const each = (
    replicas: number,
    series: (instance: string) => Omit<ExampleSeries, "quiet" | "alarm">,
    quiet: number,
    alarm: number,
  ): ExampleSeries[] => hosts(replicas).map((instance) => ({ ...series(instance), quiet, alarm }));
  return [
    ...(cpu === undefined || limits.cpus === undefined
      ? []
      : [
          load("cpu", ratio(sum(used.cpus), limits.cpus), cpu, (replicas, quiet, alarm) =>
            each(
              replicas,
              (instance) => ({ metric: processMetrics.cpuSeconds, labels: { ...labels, instance } }),
              60 * cpu * (limits.cpus ?? 1) * quiet,
              60 * cpu * (limits.cpus ?? 1) * alarm,
            ),
          ),
        ]),
    ...(memory === undefined || limits.memory === undefined
      ? []
      : [
          load("memory", ratio(sum(used.memory), limits.memory), memory, (replicas, quiet, alarm) =>
            each(
              replicas,
              (instance) => ({ metric: processMetrics.residentBytes, labels: { ...labels, instance } }),
              memory * (limits.memory ?? 1) * quiet,
              memory * (limits.memory ?? 1) * alarm,
            ),
          ),
        ]),
    ...(requests === undefined
      ? []
      : [
          load("requests", sum(rate(counts(httpRequests, ofMembers(pod)), "5m")), requests, (replicas, quiet, alarm) =>
            each(
              replicas,
              (instance) => ({
                metric: httpRequests,
                labels: { ...labels, instance, method: "GET", route: "/", status: "200" },
              }),
              60 * requests * quiet,
              60 * requests * alarm,
            ),
          ),
        ]),
    ...Object.entries(loads).map(([name, { metric, perReplica }]) =>
      load(name, max(level(metric, ofMembers(pod))), perReplica, (replicas, quiet, alarm) =>
        each(
          1,
          (instance) => ({ metric, labels: { ...labels, instance } }),
          replicas * perReplica * quiet,
          replicas * perReplica * alarm,
        ),
      ),
    ),
  ];
}

function load(name: string, total: Query<never>, perReplica: number, example: Load["example"]): Load {
  return { name, total, perReplica, example };
}

/** Of a series in an example: the first member's. */
function labelsOf(pod: PodOf): { readonly job: string; readonly resource: string } {
  const { name } = kitMembers(pod)[0] ?? pod;
  return { job: name, resource: name };
}

function hosts(replicas: number): string[] {
  return Array.from({ length: replicas }, (_, index) => `10.0.0.${index + 1}`);
}
