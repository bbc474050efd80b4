import { concat, encode } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import { redisAlerts, redisMetrics, redisPanels } from "../metrics/redis-exporter.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** Options of a Redis exporter. */
export interface RedisExporterOptions extends ServerOptions {
  /** A Redis of the stack, or a node of a cluster. */
  readonly of: Resource;
}

/** A Redis's memory, keys, hits and evictions. */
export function redisExporter(name: string, options: RedisExporterOptions): Resource {
  const { bind, path } = self(name);
  const { of } = options;
  // Without a user: its client would take a name alone for a password.
  const password = secret(of.logins[0]?.secret ?? `${of.name}-default`);
  const url = concat("redis://", self(of.name).address("redis"));
  return freeze(
    server(name, options, {
      part: "redis-exporter",
      line: "1",
      program: "redis_exporter",
      args: [
        concat("--redis.addr=", url),
        concat("--redis.password-file=", path("file", "passwords.json")),
        concat("--web.listen-address=", bind("metrics")),
      ],
      ports: [stackPort("metrics", 0)],
      files: [
        {
          name: "passwords.json",
          // A map of addresses, not a password.
          content: concat('{"', url, '":', encode("json", password), "}"),
          mode: 0o600,
        },
      ],
      metrics: [{ port: "metrics", path: "/metrics", list: redisMetrics, of: of.name }],
      alerts: redisAlerts(of.name, {
        keeps: of.volumes.some(({ holds }) => holds !== "cache"),
        cluster: of.component === "redis-cluster",
      }),
      panels: redisPanels(of.name),
      probe: { kind: "http", port: "metrics", path: "/health" },
      container: { user: { uid: 59_000, gid: 59_000 }, ports: { metrics: 9121 }, health: wgetHealth(9121, "/health") },
    }),
  );
}
