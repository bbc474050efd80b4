import {
  defineStack,
  grafana,
  jaeger,
  otelCollector,
  planned,
  postgres,
  prometheus,
  redis,
  s3,
  service,
  uses,
} from "@caisson/core";
import { analyticsApi, mlService, scheduler, web, worker } from "./contracts.ts";

const db = postgres("postgres", {
  database: "analytics_db",
  user: "analytics",
  schemas: ["analytics"],
  extensions: ["vector", "uuid-ossp"],
});
const cache = redis("cache", { role: "cache", port: 6380 });
const queue = redis("redis", { role: "queue" });
const objects = s3("minio", {
  buckets: { models: {}, datasets: {}, logs: {} },
  users: {
    "analytics-api": { datasets: "read-write", logs: "write" },
    "ml-service": { models: "read-write", datasets: "read" },
    worker: { models: "read-write", datasets: "read-write", logs: "write" },
  },
});
const spans = jaeger("jaeger");
const collector = otelCollector("otel-collector", { traces: spans.otlpUrl, metrics: true });
const otlpUrl = uses(collector.otlpUrl);

const keyOf = (user: keyof typeof objects.keys) => {
  const { endpoint, accessKey, secretKey } = objects.keys[user];
  return { s3Endpoint: endpoint, s3AccessKey: accessKey, s3SecretKey: secretKey };
};
const later = "its contract is there, its program is not yet";

const ml = planned(
  service(mlService, { config: { databaseUrl: db.url, cacheUrl: cache.url, otlpUrl, ...keyOf("ml-service") } }),
  later,
);
const api = planned(
  service(analyticsApi, {
    config: {
      databaseUrl: db.url,
      cacheUrl: cache.url,
      queueUrl: queue.url,
      mlUrl: ml.url,
      otlpUrl,
      ...keyOf("analytics-api"),
    },
    public: true,
  }),
  later,
);
const pages = planned(
  service(web, { config: { analyticsUrl: api.publicUrl, mlUrl: ml.publicUrl }, public: true }),
  later,
);
const work = planned(
  service(worker, { config: { databaseUrl: db.url, queueUrl: queue.url, otlpUrl, ...keyOf("worker") } }),
  later,
);
const beat = planned(service(scheduler, { config: { queueUrl: queue.url, otlpUrl } }), later);

/** Analytics with predictions: stores, queue, objects and the way of a trace; the five programs are contracts so far. */
export default defineStack("bi-agent", [
  db,
  cache,
  queue,
  objects.resources,
  api,
  ml,
  pages,
  work,
  beat,
  collector,
  spans,
  prometheus("prometheus", { retention: "30d" }),
  grafana("grafana", { port: 3002 }),
]);
