import { Type } from "typebox";
import { HttpUrl, PostgresUrl, RedisUrl, SecretText } from "../../model/contract.ts";
import { defineProgram } from "../../model/define-program.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import { service } from "../../model/service.ts";

const meta = { url: "file:///stack/contract.ts" };

/** Reads one key of each kind; the cache and the peer are optional. */
export const gatewayProgram = defineProgram(meta, "gateway", {
  config: Type.Object({
    databaseUrl: PostgresUrl,
    redisUrl: Type.Optional(RedisUrl),
    peerUrl: Type.Optional(HttpUrl),
    pepper: SecretText(16),
    batch: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    mode: Type.Optional(Type.Union([Type.Literal("fast"), Type.Literal("safe")])),
  }),
  http: { port: 8000 },
});

/** Reads nothing, serves nothing. */
export const emptyProgram = defineProgram(meta, "empty", { config: Type.Object({}) });

/** Needs a peer. */
export const clientProgram = defineProgram(meta, "client", { config: Type.Object({ peerUrl: HttpUrl }) });

/** A gateway on a store `db`; `config` as a stack that was not type-checked would hold it. */
export function gateway(config: Readonly<Record<string, unknown>>, name = "gateway"): Resource {
  const databaseUrl = { kind: "ref", resource: "db", output: "url" };
  return service(gatewayProgram, {
    name,
    config: { databaseUrl, pepper: secret("pepper"), ...config },
  } as never);
}
