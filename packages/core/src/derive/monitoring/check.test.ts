import { expect, it } from "vitest";
import { postgresMetrics } from "../../components/metrics/postgres-exporter.ts";
import { counter, gauge } from "../../model/metric.ts";
import type { Alert } from "../../model/monitoring.ts";
import type { Resource } from "../../model/resource.ts";
import { service } from "../../model/service.ts";
import { counts, level, rate } from "../../promql/build.ts";
import type { Query } from "../../promql/query.ts";
import { problemsOf } from "../../resolve/testing/problems-of.ts";
import { exporter, shop } from "./testing/monitored-stack.ts";

const { orders } = shop.metrics;

const alert = (name: string, value: Query): Alert => ({
  name,
  severity: "warning",
  value,
  op: ">",
  threshold: 0,
  for: "5m",
  summary: "",
  action: "",
  example: [],
});

const stackOf = (...alerts: Alert[]): Resource[] => [service(shop, { config: {}, alerts }), exporter];

it("finds nothing in alerts on what the stack emits", () => {
  const alerts = [alert("Orders", rate(counts(orders), "5m")), alert("Down", level(postgresMetrics.metrics.up))];
  expect(problemsOf(stackOf(...alerts))).toEqual([]);
});

it("finds a metric that nobody emits, one that is emitted otherwise, and a name given twice", () => {
  const alerts = [
    alert("Gone", rate(counts(counter("order_total", ["result"])), "5m")),
    alert("Labels", rate(counts(counter("orders_total", ["status"])), "5m")),
    alert("Kind", level(gauge("orders_total", ["result"]))),
    alert("Kind", rate(counts(orders), "5m")),
  ];
  expect(problemsOf(stackOf(...alerts))).toEqual([
    "E_METRIC shop/shop/alerts/Kind: a second alert of this resource has the name",
    "E_METRIC shop/shop/alerts/Gone: uses the metric order_total, which nobody in the stack emits; did you mean orders_total?",
    "E_METRIC shop/shop/alerts/Labels: expected orders_total as it is emitted (counter with result), got counter with status",
    "E_METRIC shop/shop/alerts/Kind: expected orders_total as it is emitted (counter with result), got gauge with result",
  ]);
});

it("finds metrics on a port that is not there, and panels that could never answer", () => {
  const facet = { port: "metrics", path: "/metrics", list: postgresMetrics };
  const query = level(gauge("pg_uptime"));
  const panel = { title: "Uptime", kind: "stat", unit: "s", queries: [{ legend: "", query }] } as const;
  const broken: Resource = { ...exporter, metrics: [facet], panels: [{ title: "PostgreSQL", panels: [panel] }] };
  expect(problemsOf([broken])).toEqual([
    "E_METRIC shop/postgres-exporter/panels/PostgreSQL/Uptime: uses the metric pg_uptime, which nobody in the stack emits",
    "E_METRIC shop/postgres-exporter/metrics: names the port metrics, which postgres-exporter does not have",
  ]);
});
