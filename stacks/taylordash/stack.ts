import {
  defineStack,
  grafana,
  mosquitto,
  planned,
  postgres,
  postgresExporter,
  profile,
  s3,
  secret,
  service,
  traefik,
  Type,
  victoriaMetrics,
} from "@caisson/core";
import { backend, frontend } from "./contracts.ts";
import { monitoring } from "./monitoring.ts";

const port = (number: number) => Type.Integer({ minimum: 1, maximum: 65_535, default: number });

const params = Type.Object({
  /** The host names' domain. */
  domain: Type.String({ default: "taylordash.local" }),
  /** Where certificates' notices go; empty: no TLS. */
  acmeEmail: Type.String({ default: "" }),
  /** Ports people know; each moves to a free one when it is taken, but for the edge's. */
  httpPort: port(80),
  httpsPort: port(443),
  postgresPort: port(5432),
  mqttPort: port(1883),
  mqttsPort: port(8883),
  websocketsPort: port(9001),
  minioPort: port(9000),
  victoriaPort: port(8428),
  prometheusPort: port(9090),
  grafanaPort: port(3000),
  timescalePort: port(5433),
  /** An address that gets every alert, as Alertmanager posts them; empty: none. */
  alertWebhook: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
});

/** Projects and their events: PostgreSQL, MQTT, objects, two stores of metrics, an edge. */
export default defineStack(
  "taylordash",
  { params, environments: { dev: { httpPort: 8080 }, prod: {} } },
  ({ domain, acmeEmail, alertWebhook, ...ports }) => {
    const { httpPort, httpsPort } = ports;
    const db = postgres("postgres", { database: "taylordash", user: "taylordash_app", port: ports.postgresPort });
    const events = mosquitto("mosquitto", {
      users: {
        backend: { publish: ["taylordash/#"], subscribe: ["taylordash/#", "tracker/#"] },
        browser: { subscribe: ["taylordash/#"] },
        device: { publish: ["tracker/#"] },
      },
      port: ports.mqttPort,
      tls: { names: [`mqtt.${domain}`], port: ports.mqttsPort },
      websocketsPort: ports.websocketsPort,
      maxConnections: 1000,
      maxInFlight: 20,
      maxQueued: 100,
    });
    const objects = s3("minio", {
      buckets: { artifacts: {}, backups: { versioning: true } },
      users: { backend: { artifacts: "read-write", backups: "write" } },
      port: ports.minioPort,
    });
    const { endpoint, accessKey, secretKey } = objects.keys.backend;
    const victoria = victoriaMetrics("victoriametrics", {
      port: ports.victoriaPort,
      retention: "30d",
      concurrentInserts: 4,
    });
    const charts = grafana("grafana", { port: ports.grafanaPort });
    const later = "its contract is there, its program is not yet";
    const api = planned(
      service(backend, {
        config: {
          databaseUrl: db.url,
          mqttUrl: events.urls.backend,
          apiKey: secret("api-key"),
          s3Endpoint: endpoint,
          s3AccessKey: accessKey,
          s3SecretKey: secretKey,
        },
        limits: { cpus: 0.5, memory: "512MB" },
        reservations: { cpus: 0.25, memory: "256MB" },
      }),
      later,
    );
    const pages = planned(service(frontend, { config: { apiUrl: api.publicUrl } }), later);
    const edge = traefik("traefik", {
      httpPort,
      httpsPort,
      ...(acmeEmail !== "" && { acme: { email: acmeEmail } }),
      routes: {
        app: { host: domain, to: pages },
        api: { host: `api.${domain}`, to: api, cache: "no-store" },
        grafana: { host: `grafana.${domain}`, to: charts },
      },
    });
    const series = postgres("timescaledb", {
      database: "taylordash_ts",
      user: "taylordash",
      port: ports.timescalePort,
      extensions: ["timescaledb"],
    });
    return [
      db,
      events,
      objects.resources,
      victoria,
      ...monitoring({ db, events, victoria, prometheusPort: ports.prometheusPort, alertWebhook }),
      charts,
      api,
      pages,
      edge,
      profile("timescale", [series, postgresExporter("timescaledb-exporter", { of: series })]),
    ];
  },
);
