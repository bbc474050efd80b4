import { resolveStack } from "@caisson/core";
import { expect, test } from "vitest";
import { describeStack, fileOf, textOf, withPrograms } from "../testing/described.ts";
import definition from "./stack.ts";

const stack = resolveStack(definition, { environment: "prod" });
const timescale = ["timescaledb", "timescaledb-provision", "timescaledb-exporter", "timescaledb-exporter-provision"];

test("has the document's services, ports and volumes", () => {
  expect(describeStack(stack)).toEqual({
    names: [
      "postgres",
      "postgres-provision",
      "mosquitto",
      "minio",
      "minio-buckets",
      "victoriametrics",
      "mosquitto-exporter",
      "blackbox-exporter",
      "postgres-exporter",
      "postgres-exporter-provision",
      "node-exporter",
      "socket-proxy",
      "cadvisor",
      "alertmanager",
      "prometheus",
      "grafana",
      "traefik",
    ],
    skipped: ["backend", "frontend", ...timescale],
    ports: {
      postgres: [5432],
      mosquitto: [1883, 8883, 9001],
      minio: [9000],
      victoriametrics: [8428],
      alertmanager: [9093],
      prometheus: [9090],
      grafana: [3000],
      traefik: [80],
    },
    limits: {},
    volumes: [
      "postgres/data at /var/lib/postgresql",
      "mosquitto/data at /mosquitto/data",
      "minio/data at /data",
      "victoriametrics/data at /storage",
      "alertmanager/data at /alertmanager",
      "prometheus/data at /prometheus",
      "grafana/data at /var/lib/grafana",
    ],
  });
});

test("has the document's bounds of the broker, and nobody in it without a user", () => {
  const broker = textOf(stack, "mosquitto");
  expect(broker).toContain("allow_anonymous false");
  expect(broker).toContain("max_inflight_messages 20\nmax_queued_messages 100");
  expect(broker.match(/max_connections 1000/g)).toHaveLength(3);
  expect(broker).toContain("tls_version tlsv1.2");
});

test("Grafana asks both stores of metrics", () => {
  const sources = fileOf(stack, "grafana", "datasources.yml");
  expect([...sources.matchAll(/name: "(\w+)"\n *type: "(\w+)"/g)].map(([, name, type]) => [name, type])).toEqual([
    ["Prometheus", "prometheus"],
    ["VictoriaMetrics", "prometheus"],
  ]);
});

test("keeps metrics 30 days in both stores, with 4 inserts at once", () => {
  expect(textOf(stack, "victoriametrics")).toMatch(/-retentionPeriod=30d.*-maxConcurrentInserts=4/);
  expect(textOf(stack, "prometheus")).toContain("--storage.tsdb.retention.time=30d");
});

test("with an address for certificates is behind TLS 1.2, and HTTP leads to HTTPS", () => {
  const tls = resolveStack(definition, {
    environment: "prod",
    params: { set: { acmeEmail: "ops@example.org" }, env: {}, dotenv: {} },
  });
  expect(describeStack(tls).ports["traefik"]).toEqual([80, 443]);
  expect(textOf(tls, "traefik")).toContain('scheme: "https"');
  expect(textOf(tls, "traefik")).toContain('minVersion: "VersionTLS12"');
});

test("the profile timescale adds a database of its own", () => {
  const more = resolveStack(definition, { environment: "prod", profiles: ["timescale"] });
  const added = describeStack(more).names.filter((name) => !describeStack(stack).names.includes(name));
  expect(added).toEqual(timescale);
  expect(describeStack(more).ports["timescaledb"]).toEqual([5433]);
  const access = { kind: "postgres-database", database: "taylordash_ts", owner: "taylordash" };
  expect(more.resources.find(({ name }) => name === "timescaledb")?.provision).toContainEqual(access);
});

test("every port of the document's table and list is a parameter", () => {
  const moved = {
    httpPort: "traefik",
    httpsPort: "traefik",
    postgresPort: "postgres",
    mqttPort: "mosquitto",
    mqttsPort: "mosquitto",
    websocketsPort: "mosquitto",
    minioPort: "minio",
    victoriaPort: "victoriametrics",
    prometheusPort: "prometheus",
    grafanaPort: "grafana",
    timescalePort: "timescaledb",
  };
  const numbers = Object.keys(moved).map((param, index) => [param, String(index + 1)] as const);
  const set = { ...Object.fromEntries(numbers), acmeEmail: "ops@example.org" };
  const other = resolveStack(definition, { profiles: ["timescale"], params: { set, env: {}, dotenv: {} } });
  const { ports } = describeStack(other);
  for (const [param, number] of numbers) expect(ports[moved[param as keyof typeof moved]]).toContain(Number(number));
});

test("the backend has the document's port and bounds, and waits for the stores it cannot do without", () => {
  const { resources, edges } = resolveStack(withPrograms(definition), { environment: "prod" });
  const backend = resources.find(({ name }) => name === "backend");
  expect(backend?.ports.find(({ name }) => name === "http")?.number).toBe(8000);
  expect(backend?.resources).toMatchObject({
    limits: { cpus: 0.5, memory: 512 * 1024 ** 2 },
    reservations: { cpus: 0.25, memory: 256 * 1024 ** 2 },
  });
  const waits = edges.flatMap(({ from, to, strength, condition }) =>
    from === "backend" && strength === "needs" ? [`${to} ${condition}`] : [],
  );
  expect(waits.toSorted()).toEqual([
    "minio healthy",
    "minio-buckets completed",
    "mosquitto healthy",
    "postgres healthy",
    "postgres-provision completed",
  ]);
});

test("checks health more often than the document, every 10 s, and gives up after three failures as it does", () => {
  const { resources } = resolveStack(withPrograms(definition), { environment: "prod" });
  const checked = resources.filter(({ kind, ready }) => kind !== "job" && ready !== undefined);
  expect(checked.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["backend", "postgres", "mosquitto", "grafana"]),
  );
  for (const { probeTiming } of checked)
    expect(probeTiming).toMatchObject({ intervalMs: 10_000, failureThreshold: 3, startPeriodMs: 60_000 });
});

test("nobody stops or reloads Prometheus over HTTP", () => {
  expect(textOf(stack, "prometheus")).not.toContain("enable-lifecycle");
});

test("tracks CPU, memory, disks and network of containers and the host, tells of a store that is down, and whom", () => {
  const rules = textOf(stack, "prometheus");
  const alerts = ["PostgresDown", "MosquittoDown", "HostMemoryHigh", "HostCpuHigh", "DiskBusy", "ContainerMemoryHigh"];
  for (const alert of alerts) expect(rules).toContain(`alert: "${alert}"`);
  const dashboard = fileOf(stack, "grafana", "dashboard.json");
  for (const metric of ["container_cpu_usage", "container_memory", "container_network", "container_fs"])
    expect(dashboard).toContain(metric);
  const params = { set: { alertWebhook: "https://ops.example.org/alerts" }, env: {}, dotenv: {} };
  expect(textOf(resolveStack(definition, { params }), "alertmanager")).toContain("https://ops.example.org/alerts");
});
