import { describe, expect, it } from "vitest";
import { prometheus } from "../components/monitoring/prometheus.ts";
import { victoriaMetrics } from "../components/monitoring/victoriametrics.ts";
import { postgres } from "../components/postgres.ts";
import { redis } from "../components/redis.ts";
import { job, schedule } from "../model/job.ts";
import { secret } from "../model/secret.ts";
import { service } from "../model/service.ts";
import { defineStack, profile } from "../model/stack.ts";
import { dropResources } from "./drop-resources.ts";
import { resolveStack, type ResolveOptions } from "./resolve-stack.ts";
import { clientProgram, emptyProgram, gatewayProgram } from "./testing/programs.ts";

const db = postgres("db");
const cache = redis("cache", { role: "cache", optional: true });
const migrate = job(emptyProgram, { name: "migrate", config: {}, after: [db] });
const gateway = service(gatewayProgram, {
  config: { databaseUrl: db.url, redisUrl: cache.url, pepper: secret("pepper") },
  after: [migrate, { resource: "cache", strength: "uses", condition: "healthy" }],
});
const client = service(clientProgram, { config: { peerUrl: gateway.url } });
const report = schedule(clientProgram, {
  name: "report",
  config: { peerUrl: gateway.url },
  cron: "0 3 * * *",
});
const watcher = service(emptyProgram, { name: "watcher", config: {} });
const stack = defineStack("shop", [
  db,
  cache,
  profile("batch", [migrate]),
  profile("web", [gateway]),
  [client],
  profile("extra", [watcher]),
]);

const look = (options: ResolveOptions) => {
  const { resources, skipped, edges } = resolveStack(stack, options);
  return {
    on: resources.map(({ name }) => name),
    off: skipped.map(({ name, reason }) => `${name}: ${reason}`),
    edges: edges.map(({ from, to, strength }) => `${from} ${strength} ${to}`),
    config: Object.keys(resources.find(({ name }) => name === "gateway")?.config ?? {}),
  };
};

describe("what is off", () => {
  it("takes along what cannot be without it, all the way, each with its reason", () => {
    expect(look({})).toMatchObject({
      on: ["db", "db-provision", "cache"],
      off: [
        "migrate: profile batch is off",
        "gateway: profile web is off",
        "client: gateway is off",
        "watcher: profile extra is off",
      ],
    });
    expect(look({ profiles: ["web", "extra"] }).off).toEqual([
      "migrate: profile batch is off",
      "gateway: migrate is off",
      "client: gateway is off",
    ]);
    expect(look({ profiles: ["web", "batch", "extra"] }).off).toEqual([]);
  });

  it("is left out of an optional key and of edges that gate nothing", () => {
    const all = { profiles: ["web", "batch", "extra"] };
    expect(look(all).config).toEqual(["databaseUrl", "redisUrl", "pepper"]);
    expect(look(all).edges).toContain("gateway needs cache");
    const without = look({ ...all, without: ["cache"] });
    expect(without.off).toEqual(["cache: left out with --without"]);
    expect(without.config).toEqual(["databaseUrl", "pepper"]);
    expect(without.edges.filter((edge) => edge.includes("cache"))).toEqual([]);
  });

  it("takes a store's provision along", () => {
    expect(look({ profiles: ["web", "batch", "extra"], without: ["db"] })).toMatchObject({
      on: ["cache", "watcher"],
      off: [
        "db: left out with --without",
        "db-provision: db is off",
        "migrate: db is off",
        "gateway: migrate is off",
        "client: gateway is off",
      ],
    });
  });

  it("can be what the host lacks, found out later", () => {
    const resolved = resolveStack(stack, { profiles: ["web", "batch", "extra"] });
    const dropped = dropResources(resolved, [{ name: "cache", reason: "no Redis on this host" }]);
    expect(dropped.skipped).toEqual([{ name: "cache", reason: "no Redis on this host" }]);
    expect(dropped.resources.find(({ name }) => name === "gateway")?.config["redisUrl"]).toBeUndefined();
    expect(dropped.edges.some(({ to }) => to === "cache")).toBe(false);
  });

  it("is worked out in a chain of 10,000 declared backwards", () => {
    const chain = Array.from({ length: 10_000 }, (_, index) =>
      service(emptyProgram, {
        name: `s${index}`,
        config: {},
        after: index === 9999 ? [] : [{ resource: `s${index + 1}`, strength: "needs", condition: "healthy" }],
      }),
    );
    const { resources, skipped } = resolveStack(defineStack("long", chain), { without: ["s9999"] });
    expect(resources).toEqual([]);
    expect(skipped[0]).toEqual({ name: "s0", reason: "s1 is off" });
  });
});

describe("a schedule", () => {
  it("is a resource as any other", () => {
    const { resources } = resolveStack(defineStack("s", [db, migrate, gateway, cache, report]));
    expect(resources.at(-1)).toMatchObject({ kind: "schedule", schedule: { cron: "0 3 * * *", timeZone: "UTC" } });
  });
});

it("sees what will be in a file that is derived later", () => {
  const store = victoriaMetrics("store");
  const scraper = prometheus("scraper", { remoteWrite: store.remoteWriteUrl });
  const { skipped } = resolveStack(defineStack("metrics", [store, scraper]), { without: ["store"] });
  expect(skipped.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
    "store: left out with --without",
    "scraper: store is off",
  ]);
});
