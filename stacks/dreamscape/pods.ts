import {
  planned,
  pod,
  secret,
  service,
  uses,
  type Kafka,
  type Pod,
  type Postgres,
  type RedisCluster,
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
  /** What people reach: the pages and the API. */
  readonly web: Service;
  readonly gateway: Service;
}

/** The document's three pods. Of their NGINX, the edge and the gateway have the part. */
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
  const pages = { config: { apiUrl: gateway.publicUrl } };
  const web = later(service(programs.web, pages));
  const panorama = later(service(programs.panorama, pages));

  const pods = [
    pod("core-pod", [auth, user], { replicas: 3, ...small }),
    pod("business-pod", [voyage, ai, payment], { replicas: 5, ...large }),
    pod("experience-pod", [web, panorama, gateway], { replicas: 4, ...small }),
  ];
  return { pods, web, gateway };
}

function later(program: Service): Service {
  return planned(program, "its contract is there, its program is not yet");
}
