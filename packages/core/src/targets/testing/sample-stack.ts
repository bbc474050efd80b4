import { nginx } from "../../components/nginx.ts";
import { postgres } from "../../components/postgres.ts";
import { redis } from "../../components/redis.ts";
import { PostgresUrl, RedisUrl, SecretText } from "../../model/contract.ts";
import { defineProgram } from "../../model/define-program.ts";
import { external } from "../../model/external.ts";
import { job, schedule } from "../../model/job.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import { secret } from "../../model/secret.ts";
import { service } from "../../model/service.ts";
import { defineStack } from "../../model/stack.ts";
import { resolveStack } from "../../resolve/resolve-stack.ts";
import { Type } from "typebox";

const here = { url: "file:///app/contract.ts" };

const migrate = defineProgram(here, "migrate", { config: Type.Object({ databaseUrl: PostgresUrl }) });
const api = defineProgram(here, "api", {
  config: Type.Object({ databaseUrl: PostgresUrl, redisUrl: RedisUrl, pepper: SecretText(32), mail: SecretText(1) }),
  http: { port: 8000 },
});
const worker = defineProgram(here, "worker", {
  config: Type.Object({ databaseUrl: PostgresUrl, warehouseUrl: PostgresUrl, price: Type.String() }),
});

/** A store that speaks TLS, and a program that has to verify it. */
export function secureStack(): ResolvedStack {
  const db = postgres("postgres", { database: "shop", tls: true });
  return resolveStack(defineStack("secure", [db, job(migrate, { config: { databaseUrl: db.url } })]));
}

/** Stores, a job, replicas, an edge, something external, a schedule: every shape a projection has to print. */
export function sampleStack(environment: "dev" | "prod"): ResolvedStack {
  const db = postgres("postgres", { database: "shop", limits: { cpus: 0.5, memory: "512MB" } });
  const cache = redis("redis", { role: "cache" });
  const warehouse = external("postgres", "warehouse", { url: secret("warehouse-url", { provided: true }) });
  const schema = job(migrate, { config: { databaseUrl: db.url } });
  const gateway = service(api, {
    config: {
      databaseUrl: db.url,
      redisUrl: cache.url,
      pepper: secret("pepper"),
      mail: secret("mail", { provided: true }),
    },
    after: [schema],
    replicas: 2,
    limits: { memory: "256MB", pids: 100 },
    reservations: { memory: "128MB" },
    public: true,
  });
  const workers = service(worker, {
    config: { databaseUrl: db.url, warehouseUrl: warehouse.url, price: "5 $ or $HOME" },
    after: [schema],
  });
  const nightly = schedule(migrate, { name: "nightly", cron: "0 3 * * *", config: { databaseUrl: db.url } });
  const edge = nginx("nginx", { port: 80, fixedPort: true, routes: { "/": gateway } });
  const definition = defineStack("shop", { params: Type.Object({}), environments: { dev: {}, prod: {} } }, () => [
    db,
    cache,
    warehouse,
    schema,
    gateway,
    workers,
    nightly,
    edge,
  ]);
  return resolveStack(definition, { environment });
}
