import { checkCapacity, gatherPods, resolveStack } from "@caisson/core";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { describeStack, fileOf, textOf, withPrograms } from "../testing/described.ts";
import definition from "./stack.ts";

const stack = resolveStack(definition, { environment: "prod" });

/** What we read of Prometheus's rules. */
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert?: string;
      readonly expr: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    }[];
  }[];
}

/** What we read of Traefik's routes. */
interface Http {
  readonly routers: Readonly<Record<string, { readonly rule: string; readonly middlewares: readonly string[] }>>;
  readonly middlewares: Readonly<Record<string, object>>;
}

test("has the document's services and ports; the pods are contracts so far", () => {
  const { names, skipped, ports } = describeStack(stack);
  expect(names).toEqual([
    "postgres",
    "postgres-provision",
    "postgres-replica-1",
    "postgres-replica-1-provision",
    "redis-1",
    "redis-2",
    "redis-3",
    "redis-4",
    "redis-5",
    "redis-6",
    "redis-formation",
    "kafka-1",
    "kafka-2",
    "kafka-3",
    "kafka-topics",
    "minio",
    "minio-buckets",
    "socket-proxy",
    "loki",
    "alertmanager",
    "grafana",
    "alloy",
    "prometheus",
    "cadvisor",
    "node-exporter",
    "kafka-exporter",
    "postgres-exporter",
    "postgres-exporter-provision",
    "redis-exporter",
    "traefik",
  ]);
  const planned = "core-nginx auth user voyage ai payment experience-nginx web panorama gateway";
  expect(skipped.join(" ")).toBe(planned);
  expect(ports).toEqual({
    postgres: [5432],
    "postgres-replica-1": [5433],
    "kafka-1": [9092],
    "kafka-2": [9093],
    "kafka-3": [9094],
    minio: [9000],
    loki: [3100],
    alertmanager: [10_093],
    grafana: [3000],
    prometheus: [9090],
    traefik: [80, 443],
  });
});

test("has the document's pods: members, replicas, limits, reservations", () => {
  const { resources } = gatherPods(resolveStack(withPrograms(definition), { environment: "prod" }));
  const pods = resources.filter(({ members }) => members !== undefined);
  const gigabytes = (bytes = 0): number => bytes / 1024 ** 3;
  expect(
    pods.map(({ name, members = [], replicas, resources: { limits, reservations } }) => [
      name,
      members.map((member) => `${member.name} ${member.ports[0]?.number}`).join(", "),
      replicas,
      `${limits.cpus} / ${gigabytes(limits.memory)}`,
      `${reservations.cpus} / ${gigabytes(reservations.memory)}`,
    ]),
  ).toEqual([
    ["core-pod", "core-nginx 8081, auth 3001, user 3002", 3, "2 / 4", "1 / 2"],
    ["business-pod", "voyage 3003, ai 3004, payment 3005", 5, "4 / 8", "2 / 4"],
    ["experience-pod", "experience-nginx 8082, web 8080, panorama 3006, gateway 4000", 4, "2 / 4", "1 / 2"],
  ]);
  const small = checkCapacity(pods, { cpus: 16, memory: 32 * 1024 ** 3 });
  expect(small.errors).not.toEqual([]);
});

test("tells by the document's rules when a pod wants more replicas or could do with fewer", () => {
  const { resources } = resolveStack(withPrograms(definition), { environment: "prod" });
  const rules = parse(fileOf({ ...stack, resources }, "prometheus", "rules.yml")) as Rules;
  const told = rules.groups
    .flatMap((group) => group.rules)
    .filter(({ alert = "" }) => alert.startsWith("Scale"))
    .map(({ alert, expr, labels, annotations }) => [
      labels?.["resource"],
      alert,
      / ([<>] [0-9.]+)(?:\)|$)/.exec(expr)?.[1],
      annotations?.["action"]?.match(/(?:at most|down to) \d+/)?.[0],
    ]);
  expect(told).toEqual([
    ["business-pod", "ScaleUpByCpu", "> 0.7", "at most 10"],
    ["business-pod", "ScaleDown", "< 0.56", "down to 5"],
    ["core-pod", "ScaleUpByUsers", "> 1000", "at most 5"],
    ["core-pod", "ScaleDown", "< 800", "down to 3"],
    ["experience-pod", "ScaleUpByRequests", "> 1000", "at most 6"],
    ["experience-pod", "ScaleDown", "< 800", "down to 4"],
  ]);
});

test("has the document's tuning of PostgreSQL, Redis and Kafka", () => {
  const db = textOf(stack, "postgres");
  expect(db).toContain("max_connections = '500'");
  expect(db).toContain(`shared_buffers = '${2 * 1024 ** 2}kB'\neffective_cache_size = '${6 * 1024 ** 2}kB'`);
  expect(db).toContain(`work_mem = '${10 * 1024}kB'`);
  expect(textOf(stack, "postgres-replica-1")).toContain("primary_conninfo");
  for (let node = 1; node <= 6; node++)
    expect(textOf(stack, `redis-${node}`)).toMatch(
      /^maxmemory 2147483648\nmaxmemory-policy allkeys-lru\nappendonly yes\n[^]*^cluster-enabled yes$/m,
    );
  expect(textOf(stack, "kafka-1")).toContain("KAFKA_MIN_INSYNC_REPLICAS=2");
  expect(textOf(stack, "kafka-topics")).toContain(
    "--topic user-events --partitions 6 --replication-factor 3 --config retention.ms=604800000",
  );
});

test("keeps metrics and logs 30 days, and tells mail, Slack and PagerDuty", () => {
  expect(textOf(stack, "prometheus")).toContain("--storage.tsdb.retention.time=30d");
  expect(textOf(stack, "loki")).toContain('retention_period: "720h"');
  const routes = textOf(stack, "alertmanager");
  for (const who of ["devops@dreamscape.ai", "#dreamscape-alerts", "pagerduty_configs"]) expect(routes).toContain(who);
});

test("has the document's hosts below its domain, those without logins of their own behind one", () => {
  const { http } = parse(fileOf(stack, "traefik", "routes.yml")) as { http: Http };
  expect(Object.values(http.routers).map(({ rule, middlewares }) => [rule, middlewares.includes("login")])).toEqual([
    ["Host(`grafana.dreamscape.local`) && PathPrefix(`/`)", false],
    ["Host(`prometheus.dreamscape.local`) && PathPrefix(`/`)", true],
    ["Host(`traefik.dreamscape.local`) && PathPrefix(`/`)", true],
  ]);
  expect(http.middlewares["login"]).toMatchObject({ basicAuth: { removeHeader: true } });
  expect(stack.resources.find(({ name }) => name === "traefik")?.logins).toEqual([
    { user: "ops", secret: "traefik-ops" },
  ]);
});

test("is behind TLS 1.2 with certificates that renew themselves, and HTTP leads to HTTPS", () => {
  const edge = textOf(stack, "traefik");
  for (const line of ['minVersion: "VersionTLS12"', 'scheme: "https"', 'email: "devops@dreamscape.ai"', "compress:"])
    expect(edge).toContain(line);
});
