import { concat, encode, type Expression } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import { redisAlerts, redisMetrics, redisPanels } from "../metrics/redis-exporter.ts";
import type { RedisCluster } from "../redis-cluster.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** Options of a Redis exporter. */
export interface RedisExporterOptions extends ServerOptions {
  /** A Redis of the stack, or a cluster, each node of which is looked at. */
  readonly of: Resource | RedisCluster;
}

/** A Redis's memory, keys, hits and evictions. */
export function redisExporter(name: string, options: RedisExporterOptions): Resource {
  const { bind, path } = self(name);
  const { of } = options;
  const cluster = "nodes" in of;
  const nodes = cluster ? of.nodes : [of];
  const url = (node: Resource): Expression => concat("redis://", self(node.name).address("redis"));
  // Without a user: its client would take a name alone for a password.
  const passwords = nodes.flatMap((node, index) => [
    index === 0 ? '"' : ',"',
    url(node),
    '":',
    encode("json", secret(node.logins[0]?.secret ?? `${node.name}-default`)),
  ]);
  return freeze(
    server(name, options, {
      part: "redis-exporter",
      line: "1",
      program: "redis_exporter",
      args: [
        // Of several none is its own: it looks at the one that it is asked about.
        concat("--redis.addr=", ...(cluster ? [] : [url(of)])),
        concat("--redis.password-file=", path("file", "passwords.json")),
        concat("--web.listen-address=", bind("metrics")),
      ],
      ports: [stackPort("metrics", 0)],
      files: [
        {
          name: "passwords.json",
          // A map of addresses, not a password.
          content: concat("{", ...passwords, "}"),
          mode: 0o600,
        },
      ],
      metrics: nodes.map((node) => ({
        port: "metrics",
        list: redisMetrics,
        of: node.name,
        ...(cluster ? { path: "/scrape", through: { port: "redis" } } : { path: "/metrics" }),
      })),
      alerts: nodes.flatMap((node) =>
        redisAlerts(node.name, {
          keeps: node.volumes.some(({ holds }) => holds !== "cache"),
          cluster: node.component === "redis-cluster",
        }),
      ),
      panels: nodes.flatMap((node) => redisPanels(node.name)),
      probe: { kind: "http", port: "metrics", path: "/health" },
      container: { user: { uid: 59_000, gid: 59_000 }, ports: { metrics: 9121 }, health: wgetHealth(9121, "/health") },
    }),
  );
}
