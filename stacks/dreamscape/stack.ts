import { defineStack, kafka, network, postgres, redisCluster, s3, traefik, Type } from "@caisson/core";
import { monitoring } from "./monitoring.ts";
import { bigPods } from "./pods.ts";

const params = Type.Object({
  /** The application's domain; Grafana, Prometheus and Traefik's dashboard are below it. */
  domain: Type.String({ default: "dreamscape.local" }),
  /** Where certificates' notices go; empty: no TLS. */
  acmeEmail: Type.String({ default: "" }),
  httpPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 80 }),
  httpsPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 443 }),
});

/** Three big pods on PostgreSQL, Redis, Kafka and objects, behind Traefik; the programs of the pods are contracts so far. */
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
      readReplicas: 1,
    });
    const cache = redisCluster("redis", {
      role: "cache",
      maxMemory: "2GB",
      eviction: "allkeys-lru",
      warmRestart: true,
    });
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
    const watch = monitoring({ db, cache, cluster });

    const { pods, pages, core, gateway } = bigPods({ db, cache, cluster, keys: objects.keys.business });
    const edge = traefik("traefik", {
      httpPort,
      httpsPort,
      ...(acmeEmail !== "" && { acme: { email: acmeEmail } }),
      users: ["ops"],
      routes: {
        app: { host: domain, to: pages },
        api: { host: `api.${domain}`, to: gateway, cache: "no-store" },
        auth: { host: `api.${domain}`, path: "/auth", to: core, cache: "no-store" },
        users: { host: `api.${domain}`, path: "/users", to: core, cache: "no-store" },
        // It has logins of its own.
        grafana: { host: `grafana.${domain}`, to: watch.grafana },
        prometheus: { host: `prometheus.${domain}`, to: watch.prometheus, login: true },
        traefik: { host: `traefik.${domain}`, to: "dashboard", login: true },
      },
    });
    return [
      network("database-network", [db, db.readReplicas]),
      network("cache-network", [cache.resources]),
      network("bigpods-network", [cluster.resources, pods]),
      network("storage-network", [objects.resources]),
      // The edge is reached by who scrapes it.
      network("monitoring-network", [watch.items, edge]),
    ];
  },
);
