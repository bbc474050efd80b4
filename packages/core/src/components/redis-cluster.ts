import { resourcesOf, type AmountOptions } from "../model/amounts.ts";
import { containerFacet } from "../model/container-defaults.ts";
import { concat, encode, texts, type Expression } from "../model/expression.ts";
import { freeze } from "../model/freeze.ts";
import { stackPort } from "../model/ports.ts";
import { processFacet } from "../model/process-defaults.ts";
import { baseResource } from "../model/resource-defaults.ts";
import type { Resource } from "../model/resource.ts";
import { secret, type Secret } from "../model/secret.ts";
import type { Value } from "../model/value.ts";
import { redisClusterFormation } from "./redis-cluster/formation.ts";
import { meetScript } from "./redis-cluster/scripts.ts";
import { loginFiles, memoryProblems, pingCommand, roleSettings, type RedisRole } from "./redis.ts";
import { self } from "./self.ts";
import { healthCommand } from "./server.ts";
import { mergeSettings, type Settings } from "./settings.ts";

/** Options of a Redis cluster; memory and limits are those of one node. */
export type RedisClusterOptions = AmountOptions &
  RedisRole & {
    readonly extra?: { readonly settings?: Settings };
  };

/** A Redis cluster: its resources go into the stack, `url` into the configuration of a client that speaks to clusters. */
export interface RedisCluster {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly nodes: readonly Resource[];
  /** `redis://default:PASSWORD@NODE?addr=NODE&addr=NODE...` of all nodes. */
  readonly url: Value<"redis-cluster-url">;
}

/** Three masters and a replica of each, in one role. Whoever takes its `url` starts when the cluster is formed. */
export function redisCluster(name: string, options: RedisClusterOptions): RedisCluster {
  const names = Array.from({ length: 6 }, (_, index) => `${name}-${index + 1}`);
  const password = secret(`${name}-default`);
  const formation = redisClusterFormation(name, names, password);
  const nodes = names.map((node) => nodeOf(node, names, formation.name, password, options));
  const [first, ...others] = names.map((node): Expression => ({ kind: "ref", resource: node, output: "address" }));
  const url = concat(
    "redis://default:",
    encode("url", password),
    "@",
    first ?? "",
    ...others.flatMap((node, index) => [index === 0 ? "?addr=" : "&addr=", node]),
  );
  return freeze({ name, nodes, resources: [...nodes, formation], url });
}

function nodeOf(
  node: string,
  names: readonly string[],
  formation: string,
  password: Secret,
  options: RedisClusterOptions,
): Resource {
  const { address, at, path } = self(node);
  const { settings, problems } = mergeSettings(node, clusterSettings(node, options), options.extra?.settings);
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${String(value)}\n`);
  const file = (name: string): Expression => path("file", name);
  const probe = { kind: "redis", port: "redis", passwordFile: file("password") } as const;
  return {
    ...baseResource("component", "redis-cluster", node),
    ports: [stackPort("redis", 0, "redis")],
    process: processFacet("redis-cluster", 9),
    container: containerFacet({
      image: { kind: "catalogue", name: "valkey" },
      entrypoint: texts("sh", "-c"),
      // In a shell between, which ends at once: what it leaves behind is the reaper's, not the server's.
      command: [concat("(sh ", file("meet.sh"), " &); exec valkey-server ", file("redis.conf"))],
      init: true,
      user: { uid: 999, gid: 999 },
      mounts: [{ volume: "data", path: "/data", ownedByImage: true }],
      ports: { redis: 6379 },
      // Of the node alone: Swarm ends what is unhealthy, and five that wait for the sixth are not.
      health: healthCommand("sh", "-c", pingCommand(file("password"))),
    }),
    files: [
      ...loginFiles(password),
      { name: "meet.sh", content: meetScript(file("password"), names), mode: 0o600 },
      {
        name: "redis.conf",
        content: concat(
          "bind ",
          at("redis", "bind"),
          "\nport ",
          at("redis", "port"),
          "\ndir ",
          path("volume", "data"),
          "\naclfile ",
          file("users.acl"),
          "\nmasteruser default\nmasterauth ",
          password,
          "\n",
          ...lines,
        ),
        mode: 0o600,
      },
    ],
    volumes: [{ name: "data", dataMajor: 9, ...(options.role === "cache" && { holds: "cache" as const }) }],
    ready: { ...probe, cluster: true },
    live: probe,
    stop: { signal: "SIGTERM", graceMs: 60_000 },
    resources: resourcesOf(options),
    outputs: {
      address: { type: "text", value: address("redis"), strength: "needs", condition: "healthy", gate: formation },
    },
    logins: [{ user: "default", secret: password.name }],
    problems: [...problems, ...memoryProblems(node, options)],
  };
}

function clusterSettings(node: string, options: RedisClusterOptions): Settings {
  return {
    ...roleSettings(options),
    "cluster-enabled": "yes",
    // In its folder, the volume: the only place it may write.
    "cluster-config-file": "nodes.conf",
    "cluster-node-timeout": 5000,
    // Clients are sent on by name; addresses are new after a start.
    "cluster-announce-hostname": node,
    "cluster-preferred-endpoint-type": "hostname",
    // Pairs stay pairs: what forms the cluster counts on it.
    "cluster-allow-replica-migration": "no",
  };
}
