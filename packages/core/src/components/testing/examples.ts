import { deriveFiles } from "../../derive/derive-files.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import { asValue } from "../../model/value.ts";
import { blackboxExporter } from "../exporters/blackbox-exporter.ts";
import { cadvisor } from "../exporters/cadvisor.ts";
import { kafkaExporter } from "../exporters/kafka-exporter.ts";
import { mosquittoExporter } from "../exporters/mosquitto-exporter.ts";
import { nginxExporter } from "../exporters/nginx-exporter.ts";
import { nodeExporter } from "../exporters/node-exporter.ts";
import { postgresExporter } from "../exporters/postgres-exporter.ts";
import { redisExporter } from "../exporters/redis-exporter.ts";
import { container } from "../container.ts";
import { kafka } from "../kafka.ts";
import { alertmanager } from "../monitoring/alertmanager.ts";
import { alloy } from "../monitoring/alloy.ts";
import { grafana } from "../monitoring/grafana.ts";
import { jaeger } from "../monitoring/jaeger.ts";
import { loki } from "../monitoring/loki.ts";
import { otelCollector } from "../monitoring/otel-collector.ts";
import { prometheus } from "../monitoring/prometheus.ts";
import { socketProxy } from "../monitoring/socket-proxy.ts";
import { victoriaMetrics } from "../monitoring/victoriametrics.ts";
import { mosquitto } from "../mosquitto.ts";
import { nginx } from "../nginx.ts";
import { postgres } from "../postgres.ts";
import { redisCluster } from "../redis-cluster.ts";
import { redis } from "../redis.ts";
import { s3 } from "../s3/s3.ts";
import { traefik } from "../traefik.ts";

const provided = (name: string): ReturnType<typeof secret> => secret(name, { provided: true });

const engine = socketProxy("engine");
const logs = loki("loki");
const alerts = alertmanager("alertmanager", {
  email: {
    to: "ops@example.org",
    from: "caisson@example.org",
    smarthost: "mail.example.org:587",
    user: "caisson",
    password: provided("smtp"),
  },
  slack: { webhook: provided("slack"), channel: "#alerts" },
  pagerduty: { routingKey: provided("pagerduty") },
  webhook: asValue<"http-url">("http://receiver:8080/alerts"),
});
const spans = jaeger("jaeger", { otlpPort: 4318, otlpGrpcPort: 4317 });
const victoria = victoriaMetrics("victoria", { concurrentInserts: 4 });
const cluster = kafka("kafka", {
  topics: { events: { partitions: 6 }, audit: { replication: 2, retention: "24h", retentionSize: "1GB" } },
});
const edge = nginx("nginx", { users: ["ops"], routes: {} });
const database = postgres("database", {
  schemas: ["sales"],
  roles: { auditor: { sales: "read" }, till: { sales: "read-write" } },
  readReplicas: 1,
});
const secure = postgres("secure-database", { port: 15_432, tls: true, readReplicas: 1 });
const cache = redis("cache", { role: "cache" });
const sessions = redisCluster("sessions", { role: "store", maxMemory: "1GB" });
const broker = mosquitto("mosquitto", {
  users: { backend: { publish: ["#"], subscribe: ["#"] }, sensor: { publish: ["sensors/+/state"] } },
  websocketsPort: 9001,
  tls: {},
  maxConnections: 1000,
  maxQueued: 100,
});
const stores = {
  seaweedfs: s3("seaweedfs", {
    buckets: { uploads: { versioning: true, anonymousRead: ["public/"] }, exports: { expireDays: 30 } },
    users: { api: { uploads: "read-write", exports: "write" }, reports: { exports: "read" } },
  }),
  garage: s3("garage", { engine: "garage", buckets: {}, users: {} }),
  minio: s3("minio", { engine: "minio", buckets: { uploads: {} }, users: {} }),
};

/** One of each component with its options in use; what refers to each other is in one list. */
export const examples: readonly Resource[] = deriveFiles(
  [
    engine,
    logs,
    alerts,
    spans,
    victoria,
    edge,
    database,
    ...database.readReplicas,
    secure,
    ...secure.readReplicas,
    cache,
    ...cluster.resources,
    ...sessions.resources,
    ...Object.values(stores).flatMap(({ resources }) => resources),
    prometheus("prometheus", { alertmanager: alerts, remoteWrite: victoria.remoteWriteUrl, retentionSize: "10GB" }),
    grafana("grafana"),
    alloy("alloy", { loki: logs, engine }),
    otelCollector("collector", {
      traces: spans.otlpUrl,
      metrics: true,
      limits: { memory: "256MB" },
      otlpPort: 14_318,
      otlpGrpcPort: 14_317,
    }),
    cadvisor("cadvisor", { engine }),
    nodeExporter("node-exporter"),
    postgresExporter("postgres-exporter", { of: database }),
    postgresExporter("secure-exporter", { of: secure }),
    redisExporter("redis-exporter", { of: cache }),
    redisExporter("sessions-exporter", { of: sessions }),
    nginxExporter("nginx-exporter", { of: edge }),
    kafkaExporter("kafka-exporter", { of: cluster }),
    blackboxExporter("blackbox-exporter", { of: [edge, broker] }),
    mosquittoExporter("mosquitto-exporter", { of: broker }),
    broker,
    traefik("traefik", {
      acme: { email: "ops@example.org" },
      users: ["ops", "night-shift"],
      routes: {
        assets: {
          host: "example.org",
          path: "/assets",
          to: asValue<"http-url">("http://web:3000"),
          cache: "immutable",
        },
        metrics: { host: "prometheus.example.org", to: asValue<"http-url">("http://prometheus:9090"), login: true },
        edge: { host: "traefik.example.org", to: "dashboard", login: true },
        app: { host: "example.org", to: asValue<"http-url">("http://web:3000") },
        api: { host: "api.example.org", path: "/v1", to: asValue<"http-url">("http://api:8000"), rateLimit: 50 },
      },
    }),
    container("qdrant", {
      image: "qdrant/qdrant:v1.15.4",
      ports: { http: { number: 6333 } },
      volumes: { data: "/qdrant/storage" },
      files: { "/qdrant/config/local.yaml": secret("qdrant-key") },
      probe: { kind: "http", port: "http", path: "/readyz" },
    }),
  ],
  { name: "shop", environment: "prod" },
);
