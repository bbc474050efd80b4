import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { counter, gauge, histogram } from "../model/metric.ts";
import {
  absent,
  ago,
  both,
  calculate,
  compare,
  counts,
  delta,
  differs,
  holds,
  increase,
  lacks,
  level,
  matches,
  max,
  now,
  observations,
  overTime,
  predict,
  promql,
  quantile,
  rate,
  ratio,
  sum,
  top,
  total,
} from "./build.ts";
import { labelsOf, metricsIn, queryProblems } from "./check.ts";
import type { Query, QueryNode } from "./query.ts";
import { durationText, promqlText } from "./text.ts";

const requests = counter("http_requests_total", ["route", "status"]);
const seconds = histogram("http_request_duration_seconds", ["route"]);
const free = gauge("free_bytes", ["mount"]);
const size = gauge("size_bytes", ["mount", "fstype"]);

const cases: readonly (readonly [string, QueryNode])[] = [
  [`http_requests_total{status=~"5..",resource="api"}`, counts(requests, { status: matches("5.."), resource: "api" })],
  [
    `rate(http_requests_total{route!="/",status!~"2.."}[5m])`,
    rate(counts(requests, { route: differs("/"), status: lacks("2..") }), "5m"),
  ],
  [`sum by (route) (increase(http_requests_total[1h]))`, sum(increase(counts(requests), "1h"), ["route"])],
  [`sum (rate(http_request_duration_seconds_count[1m30s]))`, sum(rate(observations(seconds), "1.5m"))],
  [
    `histogram_quantile(0.95, sum by (route, le) (rate(http_request_duration_seconds_bucket{resource="api"}[5m])))`,
    quantile(0.95, seconds, "5m", { by: ["route"], where: { resource: "api" } }),
  ],
  [
    `(rate(http_request_duration_seconds_sum[5m]) / rate(http_request_duration_seconds_count[5m])) > 0.5`,
    compare(ratio(rate(total(seconds), "5m"), rate(observations(seconds), "5m")), ">", 0.5),
  ],
  [
    `free_bytes / on (job, instance, mount) group_left () size_bytes`,
    calculate(level(free), "/", level(size), { on: ["job", "instance", "mount"], group: "left" }),
  ],
  [`predict_linear(free_bytes[6h], 86400) < 0`, compare(predict(level(free), "6h", "1d"), "<", 0)],
  [`absent(free_bytes{mount="/"})`, absent(level(free, { mount: "/" }))],
  [`free_bytes offset 1d`, ago(level(free), "1d")],
  [`avg_over_time(free_bytes[1d] offset 1h)`, overTime("avg", ago(level(free), "1h"), "1d")],
  [`topk(3, max by (mount) (free_bytes))`, top(3, max(level(free), ["mount"]))],
  [`(time() - free_bytes) >= bool 60`, holds(calculate(now, "-", level(free)), ">=", 60)],
  [
    `delta(free_bytes[10m]) unless on (mount) free_bytes{mount="a\\"\\\\b"}`,
    both(delta(level(free), "10m"), "unless", level(free, { mount: 'a"\\b' }), ["mount"]),
  ],
  [`(vector(1)) > 0`, compare(promql.unchecked("vector(1)", "a series of no metric"), ">", 0)],
];

describe("a query", () => {
  it.each(cases)("is written as %s, which PromQL's grammar takes", (text, query) => {
    expect(promqlText(query)).toBe(text);
    expect(syntaxErrors(text)).toEqual([]);
  });

  it("that PromQL does not take is seen by the parser these tests use", () => {
    expect(syntaxErrors("sum by (route rate(x[5m])")).not.toEqual([]);
  });

  it("survives JSON", () => {
    for (const [text, query] of cases) expect(promqlText(JSON.parse(JSON.stringify(query)) as QueryNode)).toBe(text);
  });

  it("has durations in whole units", () => {
    expect([1, 1500, 60_000, 5_400_000, 2_592_000_000, 0].map(durationText)).toEqual([
      "1ms",
      "1s500ms",
      "1m",
      "1h30m",
      "30d",
      "0s",
    ]);
  });

  it("names the metrics it is made of", () => {
    const query = ratio(
      sum(rate(counts(requests), "5m"), ["route"]),
      sum(rate(observations(seconds), "5m"), ["route"]),
    );
    expect([...metricsIn(query)].map(({ name }) => name)).toEqual([
      "http_requests_total",
      "http_request_duration_seconds",
    ]);
  });
});

describe("the labels of a query", () => {
  it.each<readonly [string, Query, readonly string[] | undefined]>([
    ["its metric's and the target's", level(free), ["instance", "job", "mount", "resource"]],
    ["those it is summed by", sum(level(size), ["fstype", "mount"]), ["fstype", "mount"]],
    ["without le after a quantile", quantile(0.5, seconds, "5m", { by: ["route"] }), ["route"]],
    ["those that are paired on", calculate(level(free), "/", level(size), { on: ["mount"] }), ["mount"]],
    ["the left side's after a comparison", compare(level(free), ">", 1), ["instance", "job", "mount", "resource"]],
    ["unknown where it is unchecked", promql.unchecked("vector(1)", "test"), undefined],
  ])("are %s", (_, query, labels) => {
    expect(labelsOf(query)).toEqual(labels);
  });
});

describe("a query that could never answer", () => {
  it.each<readonly [string, QueryNode, string]>([
    [
      "a condition on a label the metric lacks",
      {
        ...level(free),
        kind: "select",
        metric: free,
        part: "value",
        where: [{ label: "mountpoint", op: "=", value: "/" }],
      },
      "free_bytes has no label mountpoint; it has instance, job, mount, resource",
    ],
    [
      "a sum by a label the series lack",
      { kind: "aggregate", op: "sum", of: sum(level(free), ["mount"]), by: ["instance"] },
      "by names the label instance, which the series do not have; they have mount",
    ],
    [
      "sides that never pair",
      ratio(level(free), level(size)),
      "the series on the two sides of / never pair: instance, job, mount, resource and fstype, instance, job, mount, resource; name the labels that pair them (on)",
    ],
    [
      "a quantile without buckets",
      { kind: "quantile", q: 0.9, of: sum(level(free), ["mount"]) },
      "a quantile needs the label le of a histogram's buckets",
    ],
  ])("is told: %s", (_, query, message) => {
    expect(queryProblems(query)).toEqual([message]);
  });

  it("is not seen in those above", () => {
    expect(cases.flatMap(([, query]) => queryProblems(query))).toEqual([]);
  });
});

/** Where the grammar of Prometheus's own editor finds an error. */
function syntaxErrors(text: string): number[] {
  const errors: number[] = [];
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) errors.push(node.from);
    },
  });
  return errors;
}
