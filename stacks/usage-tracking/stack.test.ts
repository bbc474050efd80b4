import { readFileSync } from "node:fs";
import { noParamSources, renderCompose, resolveStack } from "@caisson/core";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { stackImage } from "../../test/accepted/stacks.ts";
import { describeStack, textOf } from "../testing/described.ts";
import definition from "./stack.ts";

test("the graph: everything waits for the schema, the cache gates nothing", () => {
  const { edges } = resolveStack(definition);
  const lines = edges.map(({ from, to, strength, condition }) => `${from} ${strength} ${to} ${condition}`);
  const needing = (name: string): string[] => [
    `${name} needs migrate completed`,
    `${name} needs postgres healthy`,
    `${name} needs postgres-provision completed`,
  ];
  expect(lines.toSorted()).toEqual(
    [
      ...["aggregation-service", "api-gateway", "event-processor", "query-service"].flatMap(needing),
      ...["billing-rule", "create-key", "dead-letters", "list-keys", "revoke-key", "rotate-key"].flatMap(needing),
      "migrate needs postgres healthy",
      "migrate needs postgres-provision completed",
      "postgres-provision needs postgres healthy",
      "query-service uses redis healthy",
    ].toSorted(),
  );
});

test("with a Redis as the queue, who writes and reads it waits for it, and the query service asks it", () => {
  const { edges, resources } = resolveStack(definition, { params: { ...noParamSources, set: { queue: "redis" } } });
  const lines = edges.filter(({ to }) => to === "queue").map(({ from, strength }) => `${from} ${strength}`);
  expect(lines.toSorted()).toEqual(["api-gateway needs", "event-processor needs", "query-service uses"]);
  expect(resources.flatMap((each) => each.problems)).toEqual([]);
});

test("production is the same stack with live keys behind an edge", () => {
  const { resources } = resolveStack(definition, { environment: "prod", profiles: ["production"] });
  const find = (name: string): (typeof resources)[number] | undefined => resources.find((each) => each.name === name);
  expect(
    find("nginx")
      ?.after.map((each) => each.resource)
      .toSorted(),
  ).toEqual(["api-gateway", "query-service"]);
  expect(find("create-key")?.config["keyEnvironment"]).toEqual({ kind: "literal", value: "live" });
  expect(resources.flatMap((each) => each.problems)).toEqual([]);
});

test("has the document's services, ports, volumes and limits", () => {
  const profiles = ["production", "monitoring"];
  expect(describeStack(resolveStack(definition, { environment: "prod", profiles }))).toEqual({
    names: [
      "postgres",
      "postgres-provision",
      "redis",
      "migrate",
      "api-gateway",
      "event-processor",
      "query-service",
      "aggregation-service",
      "create-key",
      "rotate-key",
      "list-keys",
      "revoke-key",
      "billing-rule",
      "dead-letters",
      "nginx",
      "alertmanager",
      "prometheus",
      "grafana",
      "loki",
      "engine",
      "alloy",
      "cadvisor",
      "node-exporter",
      "postgres-exporter",
      "postgres-exporter-provision",
      "redis-exporter",
      "nginx-exporter",
    ],
    skipped: [],
    ports: {
      postgres: [5432],
      redis: [6379],
      "api-gateway": [8000],
      "query-service": [8002],
      nginx: [8080],
      alertmanager: [9093],
      prometheus: [9090],
      grafana: [3000],
      loki: [3100],
    },
    limits: {
      "api-gateway": "0.5 / 512MB",
      "event-processor": "0.5 / 512MB",
      "query-service": "0.5 / 512MB",
      "aggregation-service": "0.5 / 512MB",
    },
    volumes: [
      "postgres/data at /var/lib/postgresql",
      "redis/data at /data",
      "alertmanager/data at /alertmanager",
      "prometheus/data at /prometheus",
      "grafana/data at /var/lib/grafana",
      "loki/data at /loki",
      "alloy/data at /var/lib/alloy/data",
    ],
  });
  expect(textOf(resolveStack(definition), "redis")).toMatch(/maxmemory 536870912\nmaxmemory-policy allkeys-lru/);
});

test("a service of the environment dev takes as much CPU as there is", () => {
  const { limits } = describeStack(resolveStack(definition));
  expect(new Set(Object.values(limits))).toEqual(new Set(["- / 512MB"]));
});

test("its services write the log lines that are asked for", () => {
  const stack = resolveStack(definition, { params: { ...noParamSources, set: { logLevel: "debug" } } });
  const { artifacts } = renderCompose(stack, stackImage);
  const compose = parse(artifacts.find(({ path }) => path === "compose.yaml")?.text ?? "") as {
    services: Record<string, { environment?: Record<string, string> }>;
  };
  const asked = Object.entries(compose.services).filter(
    ([, { environment }]) => environment?.["LOG_LEVEL"] === "debug",
  );
  expect(asked.map(([name]) => name).toSorted()).toEqual([
    "aggregation-service",
    "api-gateway",
    "event-processor",
    "query-service",
  ]);
});

test("the profile monitoring has the document's services and retention, and watches all that is on", () => {
  const { resources, edges } = resolveStack(definition, { profiles: ["monitoring", "production"] });
  expect(resources.flatMap((each) => each.problems)).toEqual([]);
  const members = resources.filter(({ profiles }) => profiles.includes("monitoring") && profiles.length === 1);
  expect(members.filter(({ kind }) => kind !== "job").map(({ name }) => name)).toEqual([
    "alertmanager",
    "prometheus",
    "grafana",
    "loki",
    "engine",
    "alloy",
    "cadvisor",
    "node-exporter",
    "postgres-exporter",
    "redis-exporter",
    "nginx-exporter",
  ]);
  const argv = members.find(({ name }) => name === "prometheus")?.container?.command;
  expect(argv).toContainEqual({ kind: "literal", value: "--storage.tsdb.retention.time=200h" });
  const watched = edges.filter(({ from, strength }) => from === "prometheus" && strength === "observes");
  expect(watched.map(({ to }) => to).toSorted()).toEqual([
    "aggregation-service",
    "alertmanager",
    "alloy",
    "api-gateway",
    "cadvisor",
    "event-processor",
    "grafana",
    "loki",
    "nginx-exporter",
    "node-exporter",
    "postgres-exporter",
    "query-service",
    "redis-exporter",
  ]);
});

test.each([
  { queue: "redis", there: true },
  { queue: "postgres", there: false },
])("a Redis that holds acknowledged events is watched as what keeps is: queue=$queue", ({ queue, there }) => {
  const stack = resolveStack(definition, {
    profiles: ["monitoring"],
    params: { ...noParamSources, set: { queue } },
  });
  expect(stack.resources.flatMap((each) => each.problems)).toEqual([]);
  const { artifacts } = renderCompose(stack, stackImage);
  const file = (name: string): string =>
    artifacts.find(({ path }) => path === `configs/prometheus.${name}`)?.text ?? "";
  const { scrape_configs: jobs } = parse(file("prometheus.yml")) as { scrape_configs: { job_name: string }[] };
  expect(jobs.some((job) => job.job_name === "queue-exporter")).toBe(there);
  const { groups } = parse(file("rules.yml")) as {
    groups: { rules: { alert?: string; labels: Record<string, string> }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  const told = rules.filter(({ alert, labels }) => alert?.startsWith("Redis") && labels["resource"] === "queue");
  expect(told.map(({ alert, labels }) => `${alert} ${labels["severity"]}`).toSorted()).toEqual(
    there
      ? [
          "RedisAppendFailed critical",
          "RedisConnectionsHigh warning",
          "RedisConnectionsRefused critical",
          "RedisDown critical",
          "RedisMemoryHigh critical",
          "RedisSnapshotFailed critical",
        ]
      : [],
  );
});

test("the dashboard shows an event's way by the stack's own metrics", () => {
  const stack = resolveStack(definition, { profiles: ["monitoring"] });
  const { artifacts } = renderCompose(stack, stackImage);
  const text = artifacts.find(({ path }) => path === "configs/grafana.dashboard.json")?.text ?? "";
  const { panels } = JSON.parse(text) as { panels: { title: string; type: string; targets?: { expr: string }[] }[] };
  const asked = panels.filter(({ targets = [] }) => targets.some(({ expr }) => /\busage_/.test(expr)));
  expect(asked.map(({ title }) => title)).toEqual([
    "Events taken a second",
    "Time to acknowledge",
    "Lag",
    "Events processed a second",
    "Time of a batch",
    "Time of a query",
    "Dead letters in the last day",
    "Totals that drifted in the last day",
  ]);
});

test("the stack file stays readable at a glance", () => {
  const lines = readFileSync(new URL("./stack.ts", import.meta.url), "utf8").split("\n").length;
  expect(lines).toBeLessThanOrEqual(150);
});
