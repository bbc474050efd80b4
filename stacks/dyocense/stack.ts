import {
  alloy,
  blackboxExporter,
  defineStack,
  grafana,
  jaeger,
  loki,
  nginx,
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
} from "@caisson/core";
import { kernel } from "./contracts.ts";

const params = Type.Object({
  /** Ports people know; each moves to a free one when it is taken. */
  edgePort: Type.Integer({ minimum: 1, maximum: 65_535, default: 8080 }),
  edgeTlsPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 8443 }),
  /** The host name people use; its certificate is the stack's own until one is supplied (`caisson secret set nginx-certificate`). */
  domain: Type.String({ default: "dyocense.local" }),
  /** Memory of PostgreSQL: 1 GB is enough to develop, 4 to 8 GB are the document's for production. */
  postgresMemory: Type.Union([Type.Literal("1GB"), Type.Literal("4GB"), Type.Literal("8GB")], { default: "1GB" }),
});

/** What Dyocense's kernel needs around it: PostgreSQL with time series and vectors, and by profile the rest. */
export default defineStack(
  "dyocense",
  { params, environments: { dev: {}, prod: { edgePort: 80, edgeTlsPort: 443, postgresMemory: "4GB" } } },
  ({ edgePort, edgeTlsPort, domain, postgresMemory }) => {
    const db = postgres("postgres", {
      database: "dyocense",
      user: "dyocense",
      extensions: ["timescaledb", "vector", "uuid-ossp", "pg_trgm", "pg_stat_statements"],
      maxConnections: postgresMemory === "1GB" ? 100 : 200,
      audit: true,
      tls: true,
      limits: { cpus: postgresMemory === "1GB" ? 1 : 4, memory: postgresMemory },
    });
    const cache = redis("redis", { role: "cache", maxMemory: "512MB", eviction: "allkeys-lru", warmRestart: true });
    const logs = loki("loki", { retention: "30d", limits: { cpus: 1, memory: "512MB" } });
    const spans = jaeger("jaeger", { limits: { cpus: 1, memory: "1GB" }, otlpPort: 4318, otlpGrpcPort: 4317 });
    const engine = socketProxy("socket-proxy", { limits: { cpus: 0.25, memory: "64MB" } });
    const program = planned(
      service(kernel, {
        config: {
          databaseUrl: db.url,
          redisUrl: uses(cache.url),
          otlpUrl: uses(spans.otlpUrl),
          tokenKey: secret("token-key"),
        },
      }),
      "its contract is there, its program is not yet",
    );
    const edge = nginx("nginx", {
      port: edgePort,
      tls: { port: edgeTlsPort, names: [domain] },
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
            retention: "30d",
            retentionSize: "10GB",
            limits: { cpus: 1, memory: "1GB" },
            // 150 of the 200 of production.
            alerts: { PostgresConnectionsHigh: 0.75 },
          }),
          postgresExporter("postgres-exporter", { of: db, limits: { cpus: 0.5, memory: "256MB" } }),
          grafana("grafana", { limits: { cpus: 0.5, memory: "512MB" } }),
          logs,
          engine,
          alloy("alloy", { loki: logs, engine, limits: { cpus: 0.5, memory: "256MB" } }),
        ],
      ),
      profile(["tracing", "production"], [spans]),
      profile("production", [edge, blackboxExporter("blackbox-exporter", { of: [edge, db] })]),
    ];
  },
);
