import { Type } from "typebox";
import { nginx } from "../../components/nginx.ts";
import { postgres } from "../../components/postgres.ts";
import { prometheus } from "../../components/monitoring/prometheus.ts";
import { HttpUrl, PostgresUrl, SecretText } from "../../model/contract.ts";
import { defineProgram } from "../../model/define-program.ts";
import { job } from "../../model/job.ts";
import { pod } from "../../model/pod.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import { secret } from "../../model/secret.ts";
import { service } from "../../model/service.ts";
import { defineStack } from "../../model/stack.ts";
import { resolveStack } from "../../resolve/resolve-stack.ts";

const here = { url: "file:///app/contract.ts" };

const migrate = defineProgram(here, "migrate", { config: Type.Object({ databaseUrl: PostgresUrl }) });
const users = defineProgram(here, "users", {
  config: Type.Object({ databaseUrl: PostgresUrl, pepper: SecretText(32) }),
  http: { port: 8001 },
});
const gateway = defineProgram(here, "gateway", {
  config: Type.Object({ databaseUrl: PostgresUrl, usersUrl: HttpUrl, note: Type.String() }),
  http: { port: 8000 },
});
const pages = defineProgram(here, "pages", { config: Type.Object({ apiUrl: HttpUrl }), http: { port: 3000 } });
const mailer = defineProgram(here, "mailer", { config: Type.Object({ usersUrl: HttpUrl }) });

/** Two pods of which one is used by the other, a store, a job before one of them, an edge, what scrapes them. */
export function podStack(): ResolvedStack {
  const db = postgres("postgres", { database: "shop" });
  const schema = job(migrate, { config: { databaseUrl: db.url } });
  const account = service(users, { config: { databaseUrl: db.url, pepper: secret("pepper") }, after: [schema] });
  const entry = service(gateway, {
    config: { databaseUrl: db.url, usersUrl: account.url, note: 'a "$"' },
    after: [account],
    stopGrace: "20s",
  });
  const front = service(pages, { config: { apiUrl: entry.url } });
  const post = service(mailer, { config: { usersUrl: account.url }, egress: true });
  const before = nginx("pages-edge", { port: 81, routes: { "/": front, "/users/": account } });
  const definition = defineStack("shop", { params: Type.Object({}), environments: { dev: {}, prod: {} } }, () => [
    db,
    schema,
    pod("core", [account, entry], { replicas: 3, limits: { cpus: 2, memory: "4GB" }, reservations: { cpus: 1 } }),
    pod("experience", [front, post, before]),
    nginx("nginx", { port: 80, routes: { "/": front, "/api": entry } }),
    prometheus("prometheus"),
  ]);
  return resolveStack(definition, { environment: "prod" });
}
