import {
  defineStack,
  kafka,
  network,
  planned,
  postgres,
  redis,
  s3,
  secret,
  service,
  traefik,
  Type,
  uses,
} from "@caisson/core";
import { businessPod, corePod, experiencePod } from "./contracts.ts";
import { monitoring } from "./monitoring.ts";

const params = Type.Object({
  /** The application's domain; Grafana, Prometheus and Traefik's dashboard are below it. */
  domain: Type.String({ default: "dreamscape.local" }),
  /** Where certificates' notices go; empty: no TLS. */
  acmeEmail: Type.String({ default: "" }),
  httpPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 80 }),
  httpsPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 443 }),
});

/** Three big pods on PostgreSQL, Redis, Kafka and objects, behind Traefik; the pods are contracts so far. */
export default defineStack(
  "dreamscape",
  { params, environments: { dev: { httpPort: 8000 }, prod: { acmeEmail: "devops@dreamscape.ai" } } },
  ({ domain, acmeEmail, httpPort, httpsPort }) => {
    const db = postgres("postgres", {
      database: "dreamscape_prod",
      user: "dreamscape_prod",
      maxConnections: 500,
      limits: { cpus: 4, memory: "8GB" },
      tuning: { sharedBuffers: "2GB", effectiveCacheSize: "6GB", workMem: "10MB" },
    });
    const cache = redis("redis", { role: "cache", maxMemory: "2GB", eviction: "allkeys-lru", warmRestart: true });
    const topic = { partitions: 6, replication: 3, retention: "168h" } as const;
    const cluster = kafka("kafka", {
      replication: 3,
      minInSync: 2,
      topics: { "user-events": topic, "voyage-events": topic, "payment-events": topic },
    });
    const objects = s3("minio", {
      buckets: { panoramas: {}, documents: { versioning: true } },
      users: { business: { panoramas: "read-write", documents: "read-write" } },
    });
    const { endpoint, accessKey, secretKey } = objects.keys.business;
    const watch = monitoring({ db, cache, cluster });

    const later = "its contract is there, its program is not yet";
    const provided = (name: string) => secret(name, { provided: true });
    const jwtSecret = secret("jwt-secret");
    const core = planned(
      service(corePod, {
        config: { databaseUrl: db.url, cacheUrl: uses(cache.url), jwtSecret },
        replicas: 3,
        limits: { cpus: 2, memory: "4GB" },
        reservations: { cpus: 1, memory: "2GB" },
        pools: [{ of: db, size: 20 }],
      }),
      later,
    );
    const business = planned(
      service(businessPod, {
        config: {
          databaseUrl: db.url,
          cacheUrl: uses(cache.url),
          jwtSecret,
          kafkaBrokers: cluster.bootstrap,
          s3Endpoint: endpoint,
          s3AccessKey: accessKey,
          s3SecretKey: secretKey,
          amadeusKey: provided("amadeus-key"),
          stripeKey: provided("stripe-key"),
          openaiKey: provided("openai-key"),
        },
        replicas: 5,
        limits: { cpus: 4, memory: "8GB" },
        reservations: { cpus: 2, memory: "4GB" },
        pools: [{ of: db, size: 20 }],
      }),
      later,
    );
    const experience = planned(
      service(experiencePod, {
        config: { apiUrl: core.publicUrl },
        replicas: 4,
        limits: { cpus: 2, memory: "4GB" },
        reservations: { cpus: 1, memory: "2GB" },
      }),
      later,
    );
    const edge = traefik("traefik", {
      httpPort,
      httpsPort,
      ...(acmeEmail !== "" && { acme: { email: acmeEmail } }),
      users: ["ops"],
      // The application and its API get theirs with the pods.
      routes: {
        // It has logins of its own.
        grafana: { host: `grafana.${domain}`, to: watch.grafana.url },
        prometheus: { host: `prometheus.${domain}`, to: watch.prometheus.url, login: true },
        traefik: { host: `traefik.${domain}`, to: "dashboard", login: true },
      },
    });
    return [
      network("database-network", [db]),
      network("cache-network", [cache]),
      network("bigpods-network", [cluster.resources, core, business, experience]),
      network("storage-network", [objects.resources]),
      // The edge is reached by who scrapes it.
      network("monitoring-network", [watch.items, edge]),
    ];
  },
);
