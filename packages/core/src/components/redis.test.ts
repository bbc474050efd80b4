import { expect, test } from "vitest";
import { redisCluster } from "./redis-cluster.ts";
import { redis } from "./redis.ts";

test("takes limits and reservations", () => {
  const { resources, problems } = redis("cache", {
    role: "cache",
    maxMemory: "512MB",
    limits: { cpus: 1, memory: "768MB" },
    reservations: { memory: "128MB" },
  });
  expect(problems).toEqual([]);
  expect(resources).toEqual({
    limits: { cpus: 1, memory: 768 * 1024 ** 2 },
    reservations: { memory: 128 * 1024 ** 2 },
  });
});

test("is refused where its data would fill its memory limit: the kernel ends it before it evicts", () => {
  const options = { role: "cache", maxMemory: "512MB", limits: { memory: "512MB" } } as const;
  const problem = (name: string): object => ({
    code: "E_VALUE",
    path: `${name}/maxMemory`,
    message: "expected at most three quarters of the memory limit of 512MB, got 512MB",
  });
  expect(redis("cache", options).problems).toEqual([problem("cache")]);
  expect(redisCluster("cache", options).nodes[5]?.problems).toEqual([problem("cache-6")]);
});
