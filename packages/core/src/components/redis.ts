import type { Problem } from "../errors/problem.ts";
import { resourcesOf, type AmountOptions } from "../model/amounts.ts";
import { concat, encode, texts, type Expression } from "../model/expression.ts";
import { containerFacet } from "../model/container-defaults.ts";
import { freeze } from "../model/freeze.ts";
import { devPort } from "../model/ports.ts";
import { toBytes, type Size } from "../model/quantity.ts";
import { processFacet } from "../model/process-defaults.ts";
import { baseResource } from "../model/resource-defaults.ts";
import type { FileSlot, Resource } from "../model/resource.ts";
import { secret, type Secret } from "../model/secret.ts";
import type { Presence, Value } from "../model/value.ts";
import { self } from "./self.ts";
import { healthCommand } from "./server.ts";
import { mergeSettings, type Settings } from "./settings.ts";

interface CommonOptions<O extends boolean> extends AmountOptions {
  /** Default 6379; a target moves it when it is taken. */
  readonly port?: number;
  /** `true`: the stack does without where the host has no Redis, and says so. Default `false`. */
  readonly optional?: O;
  readonly extra?: { readonly settings?: Settings };
}

/** A Redis has one role: only a cache may evict; only a queue or a store promises to keep what it was given. */
export type RedisRole = {
  /** Most memory data may take, at most three quarters of a limit. Default `256MB`. */
  readonly maxMemory?: Size;
} & (
  | {
      readonly role: "cache";
      /** Default `allkeys-lru`. */
      readonly eviction?: "allkeys-lru" | "allkeys-lfu" | "volatile-lru" | "volatile-ttl";
      /** `true`: what it holds is there after a restart, so that a cold cache does not hit the store. Default `false`. */
      readonly warmRestart?: boolean;
    }
  | { readonly role: "queue" | "store" }
);

/** Options of a Redis. */
export type RedisOptions<O extends boolean = boolean> = CommonOptions<O> & RedisRole;

/** A Redis; `url` may be absent where it is optional. Only a queue or a store has `streams`. */
export type Redis<P extends Presence, R extends string> = Resource & {
  readonly url: Value<"redis-url", P>;
} & (R extends "cache" ? unknown : { readonly streams: Value<"redis-url", P> });

/** Redis (or Valkey) in one role. Password generated; the server sees its SHA-256 only. */
export function redis<const R extends RedisOptions["role"], const O extends boolean = false>(
  name: string,
  options: RedisOptions<O> & { readonly role: R },
): Redis<O extends true ? "maybe" : "present", R> {
  const password = secret(`${name}-default`);
  const { address, at, path } = self(name);
  const { settings, problems } = mergeSettings(name, roleSettings(options), options.extra?.settings);
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${String(value)}\n`);
  const url = concat("redis://default:", encode("url", password), "@", address("redis"), "/0");
  const output = {
    type: "redis-url",
    value: url,
    strength: "needs",
    condition: "healthy",
  } as const;
  const ref = { kind: "ref", resource: name, output: "url" } as const;
  const probe = { kind: "redis", port: "redis", passwordFile: path("file", "password") } as const;
  const node = {
    ...baseResource("component", "redis", name),
    optional: options.optional ?? false,
    ports: [devPort("redis", options.port ?? 6379, "redis")],
    process: processFacet("redis", 7, { argv: [path("binary", "redis-server"), path("file", "redis.conf")] }),
    container: containerFacet({
      image: { kind: "catalogue", name: "valkey" },
      command: texts("valkey-server", path("file", "redis.conf")),
      user: { uid: 999, gid: 999 },
      mounts: [{ volume: "data", path: "/data", ownedByImage: true }],
      ports: { redis: 6379 },
      health: healthCommand("sh", "-c", pingCommand(path("file", "password"))),
    }),
    files: [
      ...loginFiles(password),
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
          path("file", "users.acl"),
          "\n",
          ...lines,
        ),
        mode: 0o600,
      },
    ],
    volumes: [{ name: "data", dataMajor: 7, ...(options.role === "cache" && { holds: "cache" as const }) }],
    ready: probe,
    live: probe,
    // A final save of a large dataset takes longer than compose's 10 s.
    stop: { signal: "SIGTERM", graceMs: 60_000 },
    resources: resourcesOf(options),
    outputs: { url: output, ...(options.role !== "cache" && { streams: output }) },
    logins: [{ user: "default", secret: password.name }],
    problems: [...problems, ...memoryProblems(name, options)],
    url: ref,
    ...(options.role !== "cache" && { streams: { ...ref, output: "streams" } }),
  };
  // The conditional type follows `role`, which the spread above follows too.
  return freeze(node) as unknown as Redis<O extends true ? "maybe" : "present", R>;
}

/** The password for who asks from beside it, and what the server knows of it. */
export function loginFiles(password: Secret): FileSlot[] {
  return [
    { name: "password", content: password, mode: 0o600 },
    {
      name: "users.acl",
      content: concat("user default on #", encode("sha256", password), " ~* &* +@all\n"),
      mode: 0o600,
    },
  ];
}

/** The client ends with 0 where a password is missing or data is still being loaded: only the reply tells. */
export function pingCommand(passwordFile: Expression): Expression {
  return concat('REDISCLI_AUTH="$(cat ', passwordFile, ')" valkey-cli -h 127.0.0.1 ping | grep -q PONG');
}

/** Beside data it needs memory for clients, and for what is written to while a copy of it goes to disk. */
export function memoryProblems(name: string, { limits, maxMemory = "256MB" }: AmountOptions & RedisRole): Problem[] {
  if (limits?.memory === undefined || toBytes(maxMemory) <= toBytes(limits.memory) * 0.75) return [];
  const message = `expected at most three quarters of the memory limit of ${limits.memory}, got ${maxMemory}`;
  return [{ code: "E_VALUE", path: `${name}/maxMemory`, message }];
}

/** What the server is told so that it keeps what its role promises. */
export function roleSettings(options: RedisRole): Settings {
  const keeps = options.role !== "cache" || options.warmRestart === true;
  return {
    daemonize: "no",
    "protected-mode": "yes",
    maxmemory: toBytes(options.maxMemory ?? "256MB"),
    "maxmemory-policy": options.role === "cache" ? (options.eviction ?? "allkeys-lru") : "noeviction",
    appendonly: keeps ? "yes" : "no",
    // What a queue takes in is acknowledged to somebody: its answer must mean that it is on disk.
    ...(keeps ? { appendfsync: options.role === "queue" ? "always" : "everysec" } : { save: '""' }),
  };
}
