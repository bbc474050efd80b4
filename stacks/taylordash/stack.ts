import {
  blackboxExporter,
  defineStack,
  grafana,
  mosquitto,
  mosquittoExporter,
  planned,
  postgres,
  profile,
  prometheus,
  s3,
  secret,
  service,
  traefik,
  Type,
  victoriaMetrics,
} from "@caisson/core";
import { backend, frontend } from "./contracts.ts";

const params = Type.Object({
  /** The host names' domain. */
  domain: Type.String({ default: "taylordash.local" }),
  /** Where certificates' notices go; empty: no TLS. */
  acmeEmail: Type.String({ default: "" }),
  httpPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 80 }),
  httpsPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 443 }),
});

/** Projects and their events: PostgreSQL, MQTT, objects, two stores of metrics, an edge. */
export default defineStack(
  "taylordash",
  { params, environments: { dev: { httpPort: 8080 }, prod: {} } },
  ({ domain, acmeEmail, httpPort, httpsPort }) => {
    const db = postgres("postgres", { database: "taylordash", user: "taylordash_app" });
    const events = mosquitto("mosquitto", {
      users: {
        backend: { publish: ["taylordash/#"], subscribe: ["taylordash/#", "tracker/#"] },
        browser: { subscribe: ["taylordash/#"] },
        device: { publish: ["tracker/#"] },
      },
      tls: { names: [`mqtt.${domain}`] },
      websocketsPort: 9001,
      maxConnections: 1000,
      maxInFlight: 20,
      maxQueued: 100,
    });
    const objects = s3("minio", {
      buckets: { artifacts: {}, backups: { versioning: true } },
      users: { backend: { artifacts: "read-write", backups: "write" } },
    });
    const { endpoint, accessKey, secretKey } = objects.keys.backend;
    const victoria = victoriaMetrics("victoriametrics", { retention: "30d", concurrentInserts: 4 });
    const charts = grafana("grafana");
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
    return [
      db,
      events,
      mosquittoExporter("mosquitto-exporter", { of: events }),
      blackboxExporter("blackbox-exporter", { of: [events] }),
      objects.resources,
      victoria,
      prometheus("prometheus", { retention: "30d", remoteWrite: victoria.remoteWriteUrl }),
      charts,
      api,
      pages,
      edge,
      profile("timescale", [
        postgres("timescaledb", {
          database: "taylordash_ts",
          user: "taylordash_ts",
          port: 5433,
          extensions: ["timescaledb"],
        }),
      ]),
    ];
  },
);
