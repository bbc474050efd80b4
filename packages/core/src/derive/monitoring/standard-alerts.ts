import type { Resource } from "../../model/resource.ts";
import { kitMetrics, processMetrics } from "../../model/kit-metrics.ts";
import { absent, compare, counts, level, matches, max, quantile, rate, ratio, sum } from "../../promql/build.ts";
import type { BoundAlert } from "./alert-rule.ts";
import { limitAlerts } from "./limit-alerts.ts";
import { podAlerts } from "./pod-alerts.ts";
import { jobName } from "./scrape-jobs.ts";
import { availability, metricSources, scrapeMetrics, type MetricSource } from "./sources.ts";

/**
 * The alerts of every place that is scraped and of every program built on the kit, without anybody asking for them. Not of
 * the scraper: while it is down it sees nothing, so nothing it says of itself could fire.
 */
export function standardAlerts(resources: readonly Resource[], scraper?: string): BoundAlert[] {
  const sources = metricSources(resources).filter(({ resource }) => resource !== scraper);
  return [
    ...[...Map.groupBy(sources, ({ of }) => of)].map(([of, [first]]) =>
      targetDown(of, first && jobName(first, sources)),
    ),
    ...sources.flatMap((source) => (source.found ? [targetMissing(jobName(source, sources), source)] : [])),
    ...[...new Set(sources.map(({ of }) => of))].flatMap(availabilityAlerts),
    ...resources.flatMap((resource) =>
      resource.kind === "service" && resource.program?.management === true ? programAlerts(resource) : [],
    ),
    ...podAlerts(resources),
  ];
}

/** Of every place that tells about a resource, for all of them bear its name. `job`: one of them. */
function targetDown(of: string, job = of): BoundAlert {
  const { up } = scrapeMetrics;
  return {
    name: "TargetDown",
    of,
    severity: "critical",
    value: level(up, { resource: of }),
    op: "==",
    threshold: 0,
    for: "1m",
    about: "down",
    summary: "{{ $labels.job }} does not answer: {{ $labels.instance }} could not be scraped for a minute.",
    action: whyDown(of),
    example: [{ metric: up, labels: { job, instance: "a", resource: of }, quiet: 1, alarm: 0 }],
  };
}

/** Of places that are found by a name. An address that is written down is never missing, only down. */
function targetMissing(job: string, { of }: MetricSource): BoundAlert {
  const { up } = scrapeMetrics;
  return {
    name: "TargetMissing",
    of,
    severity: "critical",
    value: absent(level(up, { job })),
    op: "==",
    threshold: 1,
    for: "5m",
    about: "down",
    summary: `No instance of ${job} is known any more.`,
    action: whyDown(of),
    example: [{ metric: up, labels: { job, instance: "a", resource: of }, quiet: 1, alarm: "absent" }],
  };
}

function whyDown(of: string): string {
  return `caisson why ${of} tells the chain of causes, caisson logs ${of} what it said last.`;
}

/** What was promised (three nines), what must not be missed, and what is too often even where each time is short. */
function availabilityAlerts(of: string): BoundAlert[] {
  const { month, outages } = availability;
  const below = (name: string, severity: "warning" | "critical", threshold: number, alarm: number): BoundAlert => ({
    name,
    of,
    severity,
    value: level(month, { resource: of }),
    op: "<",
    threshold,
    for: "5m",
    about: "availability",
    summary: `${of} was down for more of the last 30 days than it may be.`,
    action: `caisson why ${of} tells what brought it down last.`,
    example: [{ metric: month, labels: { resource: of }, quiet: 1, alarm }],
  });
  return [
    below("AvailabilityLow", "warning", 0.999, 0.998),
    below("AvailabilityMissed", "critical", 0.995, 0.99),
    {
      name: "OutagesMany",
      of,
      severity: "warning",
      value: level(outages, { resource: of }),
      op: ">",
      threshold: 5,
      for: "5m",
      summary: `${of} went down several times within a day.`,
      action: `caisson why ${of} tells what brought it down last.`,
      example: [{ metric: outages, labels: { resource: of }, quiet: 1, alarm: 8 }],
    },
  ];
}

/** Limits of a member are its pod's. */
function programAlerts({ name, program, pod, resources: { limits } }: Resource): BoundAlert[] {
  const where = { resource: name };
  const used = {
    cpus: max(rate(counts(processMetrics.cpuSeconds, where), "5m"), ["resource"]),
    memory: max(level(processMetrics.residentBytes, where), ["resource"]),
  };
  return [
    ...(program?.http ? httpAlerts(name) : []),
    ...(pod?.resources.limits.cpus === undefined
      ? limitAlerts(name, used, limits, { job: name, instance: "a", resource: name })
      : []),
  ];
}

function httpAlerts(name: string): BoundAlert[] {
  const { httpRequests, httpSeconds } = kitMetrics();
  const labels = { job: name, instance: "a", resource: name };
  const requests = sum(rate(counts(httpRequests, { resource: name }), "5m"), ["resource"]);
  const failed = sum(rate(counts(httpRequests, { resource: name, status: matches("5..") }), "5m"), ["resource"]);
  const request = { ...labels, method: "GET", route: "/" };
  return [
    {
      name: "ErrorsHigh",
      of: name,
      severity: "critical",
      value: ratio(failed, requests),
      op: ">",
      threshold: 0.05,
      // One failure among three requests is no rate.
      guard: compare(requests, ">", 0.1),
      for: "5m",
      summary: `More than the bearable share of the answers of ${name} are errors of the server (5xx).`,
      action: `caisson logs ${name} shows the errors, caisson why ${name} what it depends on.`,
      example: [
        { metric: httpRequests, labels: { ...request, status: "200" }, quiet: 120, alarm: 90 },
        { metric: httpRequests, labels: { ...request, status: "503" }, quiet: 0, alarm: 30 },
      ],
    },
    {
      name: "LatencyHigh",
      of: name,
      severity: "warning",
      value: quantile(0.95, httpSeconds, "5m", { by: ["resource"], where: { resource: name } }),
      op: ">",
      threshold: 1,
      for: "10m",
      summary: `One request in twenty to ${name} takes longer than it may.`,
      action: `caisson logs ${name} has slow requests; look at its database and its dependencies.`,
      example: [
        { metric: httpSeconds, part: "bucket", labels: { ...request, status: "200", le: "1" }, quiet: 60, alarm: 6 },
        { metric: httpSeconds, part: "bucket", labels: { ...request, status: "200", le: "2.5" }, quiet: 60, alarm: 60 },
        {
          metric: httpSeconds,
          part: "bucket",
          labels: { ...request, status: "200", le: "+Inf" },
          quiet: 60,
          alarm: 60,
        },
      ],
    },
  ];
}
