import { resolveStack } from "@caisson/core";
import { expect, test } from "vitest";
import { describeStack, fileOf, textOf } from "../testing/described.ts";
import definition from "./stack.ts";

const stack = resolveStack(definition, { environment: "prod" });

test("has the document's services, ports and volumes", () => {
  expect(describeStack(stack)).toEqual({
    names: [
      "postgres",
      "postgres-provision",
      "mosquitto",
      "mosquitto-exporter",
      "blackbox-exporter",
      "minio",
      "minio-buckets",
      "victoriametrics",
      "prometheus",
      "grafana",
      "traefik",
    ],
    skipped: ["backend", "frontend", "timescaledb", "timescaledb-provision"],
    ports: {
      postgres: [5432],
      mosquitto: [1883, 8883, 9001],
      minio: [9000],
      victoriametrics: [8428],
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
  expect(added).toEqual(["timescaledb", "timescaledb-provision"]);
  expect(describeStack(more).ports["timescaledb"]).toEqual([5433]);
});
