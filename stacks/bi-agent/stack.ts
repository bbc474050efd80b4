import {
  defineStack,
  jaeger,
  otelCollector,
  planned,
  postgres,
  redis,
  s3,
  secret,
  service,
  Type,
  uses,
  type AmountOptions,
} from "@caisson/core";
import { analyticsApi, mlService, scheduler, web, worker } from "./contracts.ts";
import { monitoring } from "./monitoring.ts";

const port = (number: number) => Type.Integer({ minimum: 1, maximum: 65_535, default: number });
const identifier = (name: string) =>
  Type.String({ pattern: "^(?!postgres$|pg_)[a-z_][a-z0-9_]{0,30}$", default: name });

const params = Type.Object({
  /** Ports people know; each moves to a free one when it is taken. Programs have theirs on their contracts. */
  postgresPort: port(5432),
  redisPort: port(6379),
  cachePort: port(6380),
  minioPort: port(9000),
  otlpPort: port(4318),
  otlpGrpcPort: port(4317),
  jaegerPort: port(16_686),
  prometheusPort: port(9090),
  grafanaPort: port(3002),
  /** The database, and the role that owns it: no superuser. */
  database: identifier("analytics_db"),
  databaseUser: identifier("analytics"),
  /** Whether the API runs in its HIPAA mode. */
  hipaaMode: Type.Boolean({ default: true }),
  /** From which level on programs write log lines. */
  logLevel: Type.Union([Type.Literal("debug"), Type.Literal("info"), Type.Literal("warn")], { default: "info" }),
  /** A CPU and 512 MB for each part at most, half of it kept for each program: the document's advice for production. */
  bounded: Type.Boolean({ default: false }),
  /** An address that gets every alert, as Alertmanager posts them; empty: none. */
  alertWebhook: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
});

const later = "its contract is there, its program is not yet";

/** Analytics with predictions: stores, queue, objects and the way of a trace; the five programs are contracts so far. */
export default defineStack(
  "bi-agent",
  { params, environments: { dev: {}, prod: { bounded: true } } },
  ({ database, databaseUser, hipaaMode, logLevel, bounded, ...options }) => {
    const amounts: AmountOptions = bounded ? { limits: { cpus: 1, memory: "512MB" } } : {};
    const reserved: AmountOptions = bounded ? { reservations: { cpus: 0.5, memory: "256MB" } } : {};
    const runs = { ...amounts, ...reserved, logLevel };
    const db = postgres("postgres", {
      database,
      user: databaseUser,
      schemas: ["analytics"],
      extensions: ["vector", "uuid-ossp"],
      port: options.postgresPort,
      ...amounts,
    });
    const cache = redis("cache", { role: "cache", port: options.cachePort, ...amounts });
    const queue = redis("redis", { role: "queue", port: options.redisPort, ...amounts });
    const objects = s3("minio", {
      buckets: { models: {}, datasets: {}, logs: {} },
      users: {
        "analytics-api": { datasets: "read-write", logs: "write" },
        "ml-service": { models: "read-write", datasets: "read" },
        worker: { models: "read-write", datasets: "read-write", logs: "write" },
        scheduler: { logs: "write" },
      },
      port: options.minioPort,
      ...amounts,
    });
    const spans = jaeger("jaeger", { port: options.jaegerPort, ...amounts });
    const collector = otelCollector("otel-collector", {
      otlpPort: options.otlpPort,
      otlpGrpcPort: options.otlpGrpcPort,
      traces: spans.otlpUrl,
      metrics: true,
      ...amounts,
    });

    /** What each program but the pages has: the database, its own key to the objects, the collector. */
    const storesOf = (user: keyof typeof objects.keys) => {
      const { endpoint, accessKey, secretKey } = objects.keys[user];
      const keys = { s3Endpoint: endpoint, s3AccessKey: accessKey, s3SecretKey: secretKey };
      return { databaseUrl: db.url, ...keys, otlpUrl: uses(collector.otlpUrl) };
    };
    const [cacheUrl, queueUrl] = [cache.url, queue.url];
    const ml = planned(service(mlService, { config: { ...storesOf("ml-service"), cacheUrl }, ...runs }), later);
    const jwtSecret = secret("jwt-secret");
    const asks = { cacheUrl, queueUrl, mlUrl: ml.url, jwtSecret, hipaaMode };
    const api = planned(
      service(analyticsApi, { config: { ...storesOf("analytics-api"), ...asks }, ...runs, public: true }),
      later,
    );
    const looks = { analyticsUrl: api.publicUrl, mlUrl: ml.publicUrl };
    const pages = planned(service(web, { config: looks, after: [api], ...runs, public: true }), later);
    const work = planned(service(worker, { config: { ...storesOf("worker"), queueUrl }, ...runs }), later);
    const beat = planned(service(scheduler, { config: { ...storesOf("scheduler"), queueUrl }, ...runs }), later);

    const programs = [api, ml, pages, work, beat];
    const watched = monitoring({ db, cache, queue, amounts, ...options });
    return [db, cache, queue, objects.resources, ...programs, collector, spans, ...watched];
  },
);
