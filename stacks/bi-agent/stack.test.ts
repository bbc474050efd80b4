import { resolveStack } from "@caisson/core";
import { expect, test } from "vitest";
import { describeStack, textOf } from "../testing/described.ts";
import definition from "./stack.ts";

const stack = resolveStack(definition);

test("has the document's services, ports and volumes", () => {
  expect(describeStack(stack)).toEqual({
    names: [
      "postgres",
      "postgres-provision",
      "cache",
      "redis",
      "minio",
      "minio-buckets",
      "otel-collector",
      "jaeger",
      "prometheus",
      "grafana",
    ],
    skipped: ["analytics-api", "ml-service", "web", "worker", "scheduler"],
    ports: {
      postgres: [5432],
      cache: [6380],
      redis: [6379],
      minio: [9000],
      "otel-collector": [4318, 4317],
      jaeger: [16_686],
      prometheus: [9090],
      grafana: [3002],
    },
    limits: { "otel-collector": "- / 512MB" },
    volumes: [
      "postgres/data at /var/lib/postgresql",
      "cache/data at /data",
      "redis/data at /data",
      "minio/data at /data",
      "jaeger/data at /badger",
      "prometheus/data at /prometheus",
      "grafana/data at /var/lib/grafana",
    ],
  });
});

test("keeps metrics 30 days, the queue's messages, and has the document's buckets, vectors and schema", () => {
  expect(textOf(stack, "prometheus")).toContain("--storage.tsdb.retention.time=30d");
  expect(textOf(stack, "redis")).toMatch(/maxmemory-policy noeviction\nappendonly yes/);
  for (const bucket of ["models", "datasets", "logs"])
    expect(textOf(stack, "minio-buckets")).toContain(`put ${bucket} `);
  const analytics = { kind: "postgres-schema", database: "analytics_db", schema: "analytics", owner: "analytics" };
  expect(stack.resources[0]?.provision).toContainEqual(analytics);
  expect(stack.resources[0]?.provision).toContainEqual({
    kind: "postgres-extension",
    database: "analytics_db",
    extension: "vector",
    optional: false,
  });
});

test("says of each program that is left out why", () => {
  expect(new Set(stack.skipped.map(({ reason }) => reason))).toEqual(
    new Set(["its contract is there, its program is not yet"]),
  );
});
