import { once } from "node:events";
import { createServer } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { freePort, until } from "../../testing/database.ts";
import { hasRedis, startRedis } from "../../testing/redis.ts";
import { answerKey, createAnswerCache, type AnswerCache } from "./answer-cache.ts";

const skipped = hasRedis ? "" : " (skipped: no redis-server on the PATH)";

async function open(url: string): Promise<AnswerCache & Disposable> {
  const cache = await createAnswerCache(url, () => undefined);
  return { ...cache, [Symbol.dispose]: cache.close };
}

test("the key of an answer tells tenants, versions and questions apart", () => {
  const part = fc.tuple(
    fc.nat({ max: 2 }),
    fc.nat({ max: 2 }),
    fc.record({ from: fc.nat({ max: 1 }), key: fc.constantFrom("", "a") }),
  );
  fc.assert(
    fc.property(part, part, (a, b) => {
      const keys = [a, b].map(([tenant, version, question]) => answerKey(tenant, `${version}`, question));
      expect(keys[0] === keys[1]).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test("without a Redis every look is a miss, at once, and nothing throws", async () => {
  using cache = await open(`redis://127.0.0.1:${await freePort()}`);
  for (let n = 0; n < 100; n++) {
    cache.set("k", "v");
    expect(await cache.get("k")).toBeUndefined();
  }
  await expect(cache.check()).rejects.toThrow("no connection");
});

test("a Redis that accepts and never answers holds nothing up", async () => {
  const server = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  {
    using cache = await open(`redis://127.0.0.1:${address.port}`);
    const began = performance.now();
    for (let n = 0; n < 1_000; n++) expect(await cache.get("k")).toBeUndefined();
    // Each with its 50 ms would take 50 s.
    expect(performance.now() - began).toBeLessThan(20_000);
  }
  server.close();
});

test.skipIf(!hasRedis)(`answers are kept and found, lost and regained with the server${skipped}`, async () => {
  await using server = await startRedis();
  using cache = await open(server.url);
  await until(() => cache.check());
  await until(async () => {
    cache.set("k", "answer é");
    expect(await cache.get("k")).toBe("answer é");
  });
  expect(await cache.get("other")).toBeUndefined();
  await server.crash();
  expect(await cache.get("k")).toBeUndefined();
  server.start();
  await until(() => cache.check());
  expect(await cache.get("k")).toBeUndefined();
  await until(async () => {
    cache.set("k", "again");
    expect(await cache.get("k")).toBe("again");
  });
});
