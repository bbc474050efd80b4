import {
  nginx,
  planned,
  pod,
  secret,
  service,
  uses,
  type Kafka,
  type Nginx,
  type Pod,
  type Postgres,
  type RedisCluster,
  type Resource,
  type S3Key,
  type Service,
} from "@caisson/core";
import * as programs from "./contracts.ts";

/** What the pods' services refer to. */
interface Stores {
  readonly db: Postgres;
  readonly cache: RedisCluster;
  readonly cluster: Kafka;
  readonly keys: S3Key;
}

const small = { limits: { cpus: 2, memory: "4GB" }, reservations: { cpus: 1, memory: "2GB" } } as const;
const large = { limits: { cpus: 4, memory: "8GB" }, reservations: { cpus: 2, memory: "4GB" } } as const;

interface BigPods {
  readonly pods: readonly Pod[];
  /** What people reach: the pages, sign-in and profiles, the rest of the API. */
  readonly pages: Nginx;
  readonly core: Nginx;
  readonly gateway: Service;
}

/** The document's three pods, with an NGINX before the programs of two of them. */
export function bigPods({ db, cache, cluster, keys }: Stores): BigPods {
  const provided = (name: string) => secret(name, { provided: true });
  const stored = { databaseUrl: db.url, cacheUrl: uses(cache.url), jwtSecret: secret("jwt-secret") };
  const messaging = { ...stored, kafkaBrokers: cluster.bootstrap };
  const pools = [{ of: db, size: 8 }];

  const auth = later(service(programs.auth, { config: stored, pools }));
  const user = later(service(programs.user, { config: stored, pools }));

  const objects = { s3Endpoint: keys.endpoint, s3AccessKey: keys.accessKey, s3SecretKey: keys.secretKey };
  const [reader] = db.readReplicas;
  const reads = reader && { readUrl: uses(reader.url) };
  const travel = { ...messaging, ...objects, ...reads, amadeusKey: provided("amadeus-key") };
  const voyage = later(service(programs.voyage, { config: travel, pools, egress: true }));
  const model = { ...messaging, openaiKey: provided("openai-key") };
  const ai = later(service(programs.ai, { config: model, pools, egress: true }));
  const money = { ...messaging, stripeKey: provided("stripe-key") };
  const payment = later(service(programs.payment, { config: money, pools, egress: true }));

  const services = {
    authUrl: auth.url,
    userUrl: user.url,
    voyageUrl: voyage.url,
    aiUrl: ai.url,
    paymentUrl: payment.url,
  };
  const gateway = later(service(programs.gateway, { config: services }));
  const api = { config: { apiUrl: gateway.publicUrl } };
  const web = later(service(programs.web, api));
  const panorama = later(service(programs.panorama, api));

  // Behind Traefik.
  const core = later(nginx("core-nginx", { port: 8081, public: false, routes: { "/auth": auth, "/users": user } }));
  const places = { "/": web, "/panorama": panorama };
  const pages = later(nginx("experience-nginx", { port: 8082, public: false, routes: places }));

  const pods = [
    pod("core-pod", [core, auth, user], {
      replicas: 3,
      ...small,
      scale: { min: 3, max: 5, loads: { users: { metric: programs.auth.metrics.users, perReplica: 1000 } } },
    }),
    pod("business-pod", [voyage, ai, payment], { replicas: 5, ...large, scale: { min: 5, max: 10, cpu: 0.7 } }),
    pod("experience-pod", [pages, web, panorama, gateway], {
      replicas: 4,
      ...small,
      scale: { min: 4, max: 6, requests: 1000 },
    }),
  ];
  return { pods, pages, core, gateway };
}

function later<R extends Resource>(program: R): R {
  return planned(program, "its contract is there, its program is not yet");
}
