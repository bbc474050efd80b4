import { describe, expect, test } from "vitest";
import { Type } from "typebox";
import { container } from "../components/container.ts";
import { redis } from "../components/redis.ts";
import type { Resource } from "../model/resource.ts";
import { defineStack, network, profile } from "../model/stack.ts";
import { resolveStack } from "../resolve/resolve-stack.ts";
import { stackNetworks } from "./container/networks.ts";
import { renderCompose } from "./compose/render-compose.ts";
import { renderSwarm } from "./swarm/render-swarm.ts";
import { sampleStack, secureStack } from "./testing/sample-stack.ts";
import { wholeBundle } from "./testing/whole-bundle.ts";

const image = { reference: "caisson/shop:0123456789ab", root: "/app", builtins: { provision: "/app/provision.js" } };

describe("the bundle of a stack", () => {
  test.each(["dev", "prod"] as const)("for compose in %s", async (environment) => {
    await expect(wholeBundle(renderCompose(sampleStack(environment), image))).toMatchFileSnapshot(
      `compose/golden/${environment}.txt`,
    );
  });

  test("for swarm", async () => {
    await expect(wholeBundle(renderSwarm(sampleStack("prod"), image))).toMatchFileSnapshot("swarm/golden/prod.txt");
  });

  test("for compose, with what is verified by beside whatever has to verify", async () => {
    await expect(wholeBundle(renderCompose(secureStack(), image))).toMatchFileSnapshot("compose/golden/secure.txt");
  });

  test("is the same bytes every time", () => {
    expect(wholeBundle(renderCompose(sampleStack("dev"), image))).toBe(
      wholeBundle(renderCompose(sampleStack("dev"), image)),
    );
  });

  test("holds each secret by reference only: no file names where a value would be", () => {
    const { artifacts } = renderCompose(sampleStack("prod"), image);
    const plain = artifacts.filter(({ path }) => path.startsWith("configs/"));
    expect(plain.map(({ path }) => path)).toEqual([
      "configs/nginx.nginx.conf",
      "configs/postgres.pg_hba.conf",
      "configs/postgres.postgresql.conf",
      "configs/redis.redis.conf",
    ]);
  });
});

describe("networks", () => {
  const reach = (from: string, to: string): boolean =>
    stackNetworks(sampleStack("prod")).some(
      ({ internal, members }) => internal && members.includes(from) && members.includes(to),
    );

  test("one for each set of users, and a way out for each that needs one", () => {
    expect(stackNetworks(sampleStack("prod"))).toEqual([
      {
        name: "to-postgres",
        internal: true,
        providers: ["postgres"],
        members: ["api", "migrate", "nightly", "postgres", "postgres-provision", "worker"],
      },
      { name: "to-redis", internal: true, providers: ["redis"], members: ["api", "redis"] },
      { name: "to-api", internal: true, providers: ["api"], members: ["api", "nginx"] },
      { name: "edge-api", internal: false, providers: [], members: ["api"] },
      { name: "edge-nginx", internal: false, providers: [], members: ["nginx"] },
      { name: "edge-worker", internal: false, providers: [], members: ["worker"] },
    ]);
  });

  test.each([
    ["api", "postgres", true],
    ["nginx", "api", true],
    ["worker", "postgres", true],
    ["nginx", "postgres", false],
    ["worker", "redis", false],
    // Who shares a store shares its network: that is the price of few networks.
    ["worker", "api", true],
    ["nginx", "redis", false],
  ] as const)("%s reaches %s: %s", (from, to, expected) => {
    expect(reach(from, to)).toBe(expected);
  });

  test("one of its own for what listens and is used by nobody", () => {
    const params = Type.Object({});
    const lonely = defineStack("lonely", { params, environments: { dev: {}, prod: {} } }, () => [
      redis("cache", { role: "cache" }),
      container("shell", { image: "busybox:1", probe: { kind: "log-line", pattern: "ready" } }),
    ]);
    expect(stackNetworks(resolveStack(lonely, { environment: "prod" }))).toEqual([
      { name: "to-cache", internal: true, providers: ["cache"], members: ["cache"] },
    ]);
  });

  test("a class names those of its members, each for its own set of users, and parts them from others", () => {
    const shell = (name: string, ...of: readonly Resource[]): Resource =>
      container(name, {
        image: "busybox:1",
        probe: { kind: "log-line", pattern: "ready" },
        after: of,
      });
    const store = (name: string, port: number): Resource => redis(name, { role: "cache", port });
    const [a, b, c, d] = [store("a", 6379), store("b", 6380), store("c", 6381), store("d", 6382)];
    const classes = defineStack("classes", { params: Type.Object({}), environments: { prod: {} } }, () => [
      network("one", [profile("extra", [a]), [b]]),
      network("several", [c]),
      network("several", [d]),
      shell("x", a, b, c, d),
      shell("y", d),
    ]);
    const networks = stackNetworks(resolveStack(classes, { profiles: ["extra"] }));
    expect(networks.map(({ name, internal, members }) => [name, internal, members.join(" ")])).toEqual([
      ["one", true, "a b x"],
      ["several_c", true, "c x"],
      ["several_d", true, "d x y"],
    ]);
  });

  test("in dev a store has a way out too, for it is published on loopback", () => {
    const out = stackNetworks(sampleStack("dev")).filter(({ internal }) => !internal);
    expect(out.flatMap(({ members }) => members)).toEqual(["api", "nginx", "postgres", "redis", "worker"]);
  });
});
