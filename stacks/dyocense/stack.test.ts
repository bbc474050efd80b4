import { checkCapacity, resolveStack, type ResolvedStack } from "@caisson/core";
import { expect, test } from "vitest";
import { describeStack, textOf, withPrograms } from "../testing/described.ts";
import definition from "./stack.ts";

const always = ["postgres", "postgres-provision"];
const monitoring = [
  "prometheus",
  "postgres-exporter",
  "postgres-exporter-provision",
  "node-exporter",
  "alertmanager",
  "grafana",
  "loki",
  "socket-proxy",
  "alloy",
];

test.each([
  [[], always],
  [["cache"], [...always, "redis"]],
  [["monitoring"], [...always, ...monitoring]],
  [["tracing"], [...always, "jaeger"]],
  [["production"], [...always, "redis", ...monitoring, "jaeger", "nginx", "blackbox-exporter"]],
] as const)("the profiles %j have the document's members", (profiles, names) => {
  const { names: found, skipped } = describeStack(resolveStack(definition, { profiles }));
  expect(found).toEqual(names);
  expect(skipped).toContain("kernel");
});

const stack = resolveStack(definition, { environment: "prod", profiles: ["production"] });

test("has the document's ports, limits and volumes", () => {
  const { ports, limits, volumes } = describeStack(stack);
  expect(ports).toEqual({
    postgres: [5432],
    redis: [6379],
    prometheus: [9090],
    alertmanager: [9093],
    grafana: [3000],
    loki: [3100],
    jaeger: [16_686, 4318, 4317],
    nginx: [80, 443],
  });
  expect(limits).toEqual({
    postgres: "4 / 4096MB",
    redis: "1 / 768MB",
    prometheus: "1 / 1024MB",
    "postgres-exporter": "0.5 / 256MB",
    "node-exporter": "0.25 / 64MB",
    alertmanager: "0.25 / 128MB",
    grafana: "0.5 / 512MB",
    loki: "1 / 512MB",
    "socket-proxy": "0.25 / 64MB",
    alloy: "0.5 / 256MB",
    jaeger: "1 / 1024MB",
    nginx: "1 / 256MB",
    "blackbox-exporter": "0.25 / 64MB",
  });
  expect(volumes).toEqual([
    "postgres/data at /var/lib/postgresql",
    "redis/data at /data",
    "prometheus/data at /prometheus",
    "alertmanager/data at /alertmanager",
    "grafana/data at /var/lib/grafana",
    "loki/data at /loki",
    "alloy/data at /var/lib/alloy/data",
    "jaeger/data at /badger",
  ]);
});

test("keeps for each part in production the least that the document gives it, and nothing in dev", () => {
  const kept = (of: ResolvedStack): object =>
    Object.fromEntries(
      of.resources.flatMap(({ name, resources: { reservations } }) =>
        reservations.memory === undefined ? [] : [[name, [reservations.cpus, reservations.memory / 1024 ** 2]]],
      ),
    );
  expect(kept(stack)).toEqual({
    postgres: [2, 4096],
    redis: [0.25, 128],
    prometheus: [0.5, 256],
    grafana: [0.25, 128],
    loki: [0.25, 128],
    jaeger: [0.25, 256],
  });
  expect(kept(resolveStack(definition, { profiles: ["production"] }))).toEqual({});
  // What the document says that production takes: 6 to 8 CPUs, 8 to 10 GB.
  expect(checkCapacity(stack.resources, { cpus: 6, memory: 10 * 1024 ** 3 }).errors).toEqual([]);
  expect(checkCapacity(stack.resources, { cpus: 2, memory: 2 * 1024 ** 3 }).errors).toHaveLength(2);
});

test("in dev PostgreSQL has a CPU and 1 GB", () => {
  expect(describeStack(resolveStack(definition)).limits).toEqual({ postgres: "1 / 1024MB" });
});

test("every port of the document's table is a parameter", () => {
  const set = { postgresPort: 1, grafanaPort: 2, prometheusPort: 3, jaegerPort: 4, lokiPort: 5, redisPort: 6 };
  const params = {
    set: Object.fromEntries(Object.entries(set).map(([name, value]) => [name, String(value)])),
    env: {},
    dotenv: {},
  };
  const { ports } = describeStack(resolveStack(definition, { profiles: ["production"], params }));
  for (const [param, number] of Object.entries(set)) expect(ports[param.replace("Port", "")]).toContain(number);
});

test("the kernel has the document's variables: its store's, its cache's, its collector's, and who it is", () => {
  const { resources } = resolveStack(withPrograms(definition), { profiles: ["production"] });
  const kernel = resources.find(({ name }) => name === "kernel");
  expect(Object.keys(kernel?.config ?? {}).toSorted()).toEqual(["databaseUrl", "otlpUrl", "redisUrl", "tokenKey"]);
  expect(kernel?.ports.map(({ number }) => number)).toContain(8001);
});

test("its rules tell of the host's memory, CPU and disk, and an address is told of what fires", () => {
  const rules = textOf(stack, "prometheus");
  for (const alert of ["HostMemoryHigh", "HostCpuHigh", "DiskFilling"]) expect(rules).toContain(alert);
  const params = { set: { alertWebhook: "https://ops.example.org/alerts" }, env: {}, dotenv: {} };
  const told = resolveStack(definition, { environment: "prod", profiles: ["production"], params });
  expect(textOf(told, "alertmanager")).toContain("https://ops.example.org/alerts");
});

test("keeps metrics and logs 30 days, the cache at 512 MB by LRU with its AOF", () => {
  expect(textOf(stack, "prometheus")).toContain("--storage.tsdb.retention.time=30d--storage.tsdb.retention.size=10GB");
  expect(textOf(stack, "loki")).toContain('retention_period: "720h"');
  expect(textOf(stack, "redis")).toContain(
    `maxmemory ${512 * 1024 ** 2}\nmaxmemory-policy allkeys-lru\nappendonly yes`,
  );
});

test("tells of more than 150 connections, and of statements that take more than a second on average", () => {
  const rules = textOf(stack, "prometheus");
  expect(textOf(stack, "postgres")).toContain("max_connections = '200'");
  for (const [metric, threshold] of [
    ["pg_settings_max_connections", "0.75"],
    ["pg_stat_statements_calls_total", "1"],
  ])
    expect(rules).toMatch(new RegExp(`expr: .*${metric}.* > ${threshold}\\W*$`, "m"));
});

test("has one image with time series and vectors, and an audit in its log", () => {
  const db = stack.resources[0];
  expect(db?.container?.image).toEqual({ kind: "catalogue", name: "timescaledb", line: "18" });
  expect(textOf(stack, "postgres")).toContain("log_statement = 'mod'");
});

test("has a store that speaks TLS 1.2 and newer alone, verified by whoever connects", () => {
  const store = textOf(stack, "postgres");
  for (const line of ["ssl = 'on'", "ssl_min_protocol_version = 'TLSv1.2'", "hostssl all all 127.0.0.1/32"])
    expect(store).toContain(line);
  const urls = stack.resources[0]?.outputs ?? {};
  for (const { value } of [urls["url"], urls["adminUrl"]].flatMap((each) => each ?? []))
    expect(JSON.stringify(value)).toContain("sslmode=verify-full");
});

test("is behind TLS 1.2 with a certificate for its domain, and HTTP leads to HTTPS", () => {
  const edge = textOf(stack, "nginx");
  for (const line of ["ssl_protocols TLSv1.2 TLSv1.3;", "return 308 https://$host", "Strict-Transport-Security"])
    expect(edge).toContain(line);
});
