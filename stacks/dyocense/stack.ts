import {
  alertmanager,
  alloy,
  asValue,
  blackboxExporter,
  defineStack,
  grafana,
  jaeger,
  loki,
  nginx,
  nodeExporter,
  planned,
  postgres,
  postgresExporter,
  profile,
  prometheus,
  redis,
  secret,
  service,
  socketProxy,
  Type,
  uses,
  type AmountOptions,
  type Amounts,
} from "@caisson/core";
import { kernel } from "./contracts.ts";

const port = (number: number) => Type.Integer({ minimum: 1, maximum: 65_535, default: number });

const params = Type.Object({
  /** Ports people know; each moves to a free one when it is taken. */
  edgePort: port(8080),
  edgeTlsPort: port(8443),
  postgresPort: port(5432),
  redisPort: port(6379),
  prometheusPort: port(9090),
  grafanaPort: port(3000),
  lokiPort: port(3100),
  jaegerPort: port(16_686),
  /** The host name people use; its certificate is the stack's own until one is supplied (`caisson secret set nginx-certificate`). */
  domain: Type.String({ default: "dyocense.local" }),
  /** Memory of PostgreSQL: 1 GB is enough to develop, 4 to 8 GB are the document's for production. */
  postgresMemory: Type.Union([Type.Literal("1GB"), Type.Literal("4GB"), Type.Literal("8GB")], { default: "1GB" }),
  /** Keeps for each part the least that the document gives it; a host that has less is refused. */
  reserve: Type.Boolean({ default: false }),
  /** From which level on the kernel writes log lines. */
  logLevel: Type.Union([Type.Literal("debug"), Type.Literal("info"), Type.Literal("warn")], { default: "info" }),
  /** An address that gets every alert, as Alertmanager posts them; empty: none. */
  alertWebhook: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
});

/** What Dyocense's kernel needs around it: PostgreSQL with time series and vectors, and by profile the rest. */
export default defineStack(
  "dyocense",
  {
    params,
    environments: { dev: {}, prod: { edgePort: 80, edgeTlsPort: 443, postgresMemory: "4GB", reserve: true } },
  },
  ({ domain, postgresMemory, reserve, logLevel, alertWebhook, ...ports }) => {
    const between = (least: Amounts, most: Amounts): AmountOptions => ({
      limits: most,
      ...(reserve && { reservations: least }),
    });
    const small = postgresMemory === "1GB";
    const db = postgres("postgres", {
      database: "dyocense",
      user: "dyocense",
      extensions: ["timescaledb", "vector", "uuid-ossp", "pg_trgm", "pg_stat_statements"],
      port: ports.postgresPort,
      maxConnections: small ? 100 : 200,
      audit: true,
      tls: true,
      ...(small
        ? between({ cpus: 1, memory: "1GB" }, { cpus: 1, memory: "1GB" })
        : between({ cpus: 2, memory: "4GB" }, { cpus: 4, memory: postgresMemory })),
    });
    const cache = redis("redis", {
      role: "cache",
      port: ports.redisPort,
      maxMemory: "512MB",
      eviction: "allkeys-lru",
      warmRestart: true,
      ...between({ cpus: 0.25, memory: "128MB" }, { cpus: 1, memory: "768MB" }),
    });
    const logs = loki("loki", {
      port: ports.lokiPort,
      retention: "30d",
      ...between({ cpus: 0.25, memory: "128MB" }, { cpus: 1, memory: "512MB" }),
    });
    const spans = jaeger("jaeger", {
      port: ports.jaegerPort,
      otlpPort: 4318,
      otlpGrpcPort: 4317,
      ...between({ cpus: 0.25, memory: "256MB" }, { cpus: 1, memory: "1GB" }),
    });
    const alerts = alertmanager("alertmanager", {
      limits: { cpus: 0.25, memory: "128MB" },
      ...(alertWebhook !== "" && { webhook: asValue<"http-url">(alertWebhook) }),
    });
    const engine = socketProxy("socket-proxy", { limits: { cpus: 0.25, memory: "64MB" } });
    const program = planned(
      service(kernel, {
        config: {
          databaseUrl: db.url,
          redisUrl: uses(cache.url),
          otlpUrl: uses(spans.otlpUrl),
          tokenKey: secret("token-key"),
        },
        logLevel,
      }),
      "its contract is there, its program is not yet",
    );
    const edge = nginx("nginx", {
      port: ports.edgePort,
      tls: { port: ports.edgeTlsPort, names: [domain] },
      limits: { cpus: 1, memory: "256MB" },
      routes: { "/": program },
    });
    return [
      db,
      program,
      profile(["cache", "production"], [cache]),
      profile(
        ["monitoring", "production"],
        [
          prometheus("prometheus", {
            port: ports.prometheusPort,
            retention: "30d",
            retentionSize: "10GB",
            alertmanager: alerts,
            ...between({ cpus: 0.5, memory: "256MB" }, { cpus: 1, memory: "1GB" }),
            // 150 of the 200 of production.
            alerts: { PostgresConnectionsHigh: 0.75 },
          }),
          postgresExporter("postgres-exporter", { of: db, limits: { cpus: 0.5, memory: "256MB" } }),
          nodeExporter("node-exporter", { limits: { cpus: 0.25, memory: "64MB" } }),
          alerts,
          grafana("grafana", {
            port: ports.grafanaPort,
            ...between({ cpus: 0.25, memory: "128MB" }, { cpus: 0.5, memory: "512MB" }),
          }),
          logs,
          engine,
          alloy("alloy", { loki: logs, engine, limits: { cpus: 0.5, memory: "256MB" } }),
        ],
      ),
      profile(["tracing", "production"], [spans]),
      profile("production", [
        edge,
        blackboxExporter("blackbox-exporter", { of: [edge, db], limits: { cpus: 0.25, memory: "64MB" } }),
      ]),
    ];
  },
);
