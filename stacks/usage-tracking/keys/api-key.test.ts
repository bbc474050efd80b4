import fc from "fast-check";
import { expect, test } from "vitest";
import { generateKey, hashKey, parseKey, sameHash } from "./api-key.ts";
import { presentedKey } from "./authenticate.ts";
import { createKeyCache, keyTtlMs } from "./key-cache.ts";

test("a generated key parses; one changed character does not", () => {
  const change = fc.tuple(fc.nat(), fc.constantFrom(..."0Aa_z9Z -"));
  fc.assert(
    fc.property(fc.constantFrom("dev", "live", "a1"), change, (environment, [at, letter]) => {
      const key = generateKey(environment);
      expect(parseKey(key.text)).toEqual(key);
      const index = at % key.text.length;
      const changed = key.text.slice(0, index) + letter + key.text.slice(index + 1);
      expect(parseKey(changed) === undefined).toBe(changed !== key.text);
    }),
    { numRuns: 500 },
  );
  expect(() => generateKey("Live!")).toThrow(RangeError);
});

test("two keys differ in id, text and hash; the hash depends on the pepper", () => {
  const [a, b] = [generateKey("dev"), generateKey("dev")];
  expect(a.id).not.toBe(b.id);
  expect(sameHash(hashKey(a, "p"), hashKey(a, "p"))).toBe(true);
  expect(sameHash(hashKey(a, "p"), hashKey(b, "p"))).toBe(false);
  expect(sameHash(hashKey(a, "p"), hashKey(a, "q"))).toBe(false);
});

test.each([
  [{ "x-api-key": "a" }, "a"],
  [{ authorization: "Bearer a" }, "a"],
  [{ authorization: "bearer a" }, "a"],
  [{ "x-api-key": "a", authorization: "Bearer a" }, "a"],
  [{ "x-api-key": "a", authorization: "Bearer b" }, undefined],
  [{ authorization: "Basic a" }, undefined],
  [{ authorization: "Bearer" }, undefined],
  [{}, undefined],
])("key of %o", (headers, key) => expect(presentedKey(headers)).toBe(key));

test("an answer is believed for its time to live and no longer", () => {
  let time = 0;
  const cache = createKeyCache(() => time);
  const credential = { tenant: 1, tenantName: "acme", scopes: ["read"], family: "a" } as const;
  cache.set("good", credential);
  cache.set("bad", null);
  time = keyTtlMs - 1;
  expect([cache.get("good"), cache.get("bad"), cache.get("other")]).toEqual([credential, null, undefined]);
  time = keyTtlMs;
  expect([cache.get("good"), cache.get("bad")]).toEqual([undefined, undefined]);
});

test("the cache is bounded, keeps what is used, and unknown keys push no good one out", () => {
  const cache = createKeyCache(() => 0, 3);
  const credential = { tenant: 1, tenantName: "acme", scopes: ["read"], family: "a" } as const;
  for (const hash of ["a", "b", "c"]) cache.set(hash, credential);
  cache.get("a");
  cache.set("d", credential);
  for (let index = 0; index < 100; index++) cache.set(`bad-${index}`, null);
  expect(["a", "b", "c", "d"].map((hash) => cache.get(hash) !== undefined)).toEqual([true, false, true, true]);
  expect([cache.get("bad-0"), cache.get("bad-99")]).toEqual([undefined, null]);
});
