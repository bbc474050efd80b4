import { resolveStack } from "@caisson/core";
import { expect, test } from "vitest";
import { describeStack, textOf, withPrograms } from "../testing/described.ts";
import definition from "./stack.ts";

const stack = resolveStack(definition);
const programs = ["analytics-api", "ml-service", "web", "worker", "scheduler"];

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
      "alertmanager",
      "prometheus",
      "grafana",
      "postgres-exporter",
      "postgres-exporter-provision",
      "cache-exporter",
      "redis-exporter",
      "node-exporter",
      "socket-proxy",
      "cadvisor",
    ],
    skipped: programs,
    ports: {
      postgres: [5432],
      cache: [6380],
      redis: [6379],
      minio: [9000],
      "otel-collector": [4318, 4317],
      jaeger: [16_686],
      alertmanager: [9093],
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
      "alertmanager/data at /alertmanager",
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

test("every port, the database, its role and who is told of alerts are parameters, as in the document's .env", () => {
  const moved = {
    postgresPort: "postgres",
    redisPort: "redis",
    cachePort: "cache",
    minioPort: "minio",
    otlpPort: "otel-collector",
    otlpGrpcPort: "otel-collector",
    jaegerPort: "jaeger",
    prometheusPort: "prometheus",
    grafanaPort: "grafana",
  };
  const numbers = Object.keys(moved).map((param, index) => [param, String(index + 1)] as const);
  const alertWebhook = "https://ops.example.org/alerts";
  const set = { ...Object.fromEntries(numbers), database: "reports", databaseUser: "reporter", alertWebhook };
  const other = resolveStack(definition, { params: { set, env: {}, dotenv: {} } });
  const { ports } = describeStack(other);
  for (const [param, number] of numbers) expect(ports[moved[param as keyof typeof moved]]).toContain(Number(number));
  const schema = { kind: "postgres-schema", database: "reports", schema: "analytics", owner: "reporter" };
  expect(other.resources[0]?.provision).toContainEqual(schema);
  expect(textOf(other, "alertmanager")).toContain(alertWebhook);
});

test("no program connects as a superuser", () => {
  const params = { set: { databaseUser: "postgres" }, env: {}, dotenv: {} };
  expect(() => resolveStack(definition, { params })).toThrow("databaseUser");
});

test("in production publishes nothing but programs, and no part takes more than a CPU and 512 MB", () => {
  const dev = resolveStack(withPrograms(definition));
  const prod = resolveStack(withPrograms(definition), { environment: "prod" });
  const published = prod.resources.filter(({ ports }) => ports.some((port) => port.published === "always"));
  expect(published.map(({ name }) => name)).toEqual(["analytics-api", "web"]);
  const bounds = prod.resources.flatMap(({ kind, resources: { limits } }) => (kind === "job" ? [] : [limits]));
  for (const limits of bounds) expect(limits).toMatchObject({ cpus: 1, memory: 512 * 1024 ** 2 });
  const kept = prod.resources.filter(({ resources: { reservations } }) => reservations.memory === 256 * 1024 ** 2);
  expect(kept.map(({ name }) => name)).toEqual(programs);
  expect(Object.keys(describeStack(dev).limits)).toEqual(["otel-collector"]);
});

test("each program has the document's port, and variables of what the document has it talk to", () => {
  const { resources } = resolveStack(withPrograms(definition), {
    params: { set: { logLevel: "debug" }, env: {}, dotenv: {} },
  });
  const found = programs.map((program) => {
    const resource = resources.find(({ name }) => name === program);
    const { config = {}, ports = [], logLevel } = resource ?? {};
    return [
      program,
      ports.find(({ name }) => name === "http")?.number,
      logLevel,
      Object.keys(config).toSorted().join(" "),
    ];
  });
  const store = "s3AccessKey s3Endpoint s3SecretKey";
  expect(found).toEqual([
    ["analytics-api", 3000, "debug", `cacheUrl databaseUrl hipaaMode jwtSecret mlUrl otlpUrl queueUrl ${store}`],
    ["ml-service", 8000, "debug", `cacheUrl databaseUrl otlpUrl ${store}`],
    ["web", 3001, "debug", "analyticsUrl mlUrl"],
    ["worker", undefined, "debug", `databaseUrl otlpUrl queueUrl ${store}`],
    ["scheduler", undefined, "debug", `databaseUrl otlpUrl queueUrl ${store}`],
  ]);
});

test("programs wait for the stores they cannot do without, as the document orders them", () => {
  const { edges } = resolveStack(withPrograms(definition));
  const stores = ["minio", "minio-buckets", "postgres", "postgres-provision"];
  const waits = (of: string): string[] =>
    edges.flatMap(({ from, to, strength }) => (from === of && strength === "needs" ? [to] : [])).toSorted();
  expect(Object.fromEntries(programs.map((program) => [program, waits(program)]))).toEqual({
    "analytics-api": ["cache", ...stores, "redis"],
    "ml-service": ["cache", ...stores],
    web: ["analytics-api"],
    worker: [...stores, "redis"],
    scheduler: [...stores, "redis"],
  });
});

test("its rules tell of stores that are down, and of the host's and containers' CPU, memory and disk", () => {
  const rules = textOf(stack, "prometheus");
  for (const alert of [
    "PostgresDown",
    "RedisDown",
    "HostMemoryHigh",
    "HostCpuHigh",
    "DiskFilling",
    "ContainerThrottled",
  ])
    expect(rules).toContain(`alert: "${alert}"`);
});
