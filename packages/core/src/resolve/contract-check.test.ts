import { describe, expect, it } from "vitest";
import { postgres } from "../components/postgres.ts";
import { redis } from "../components/redis.ts";
import { secret } from "../model/secret.ts";
import { problemsOf } from "./testing/problems-of.ts";
import { gateway } from "./testing/programs.ts";

const db = postgres("db");
const cache = redis("cache", { role: "cache", optional: true });

describe("a contract that is not met", () => {
  it.each<[string, string[], string[]]>([
    [
      "a missing key",
      problemsOf([db, gateway({ pepper: undefined })]),
      ["E_CONTRACT shop/gateway/config/pepper: is missing: the contract of gateway requires it (a secret)"],
    ],
    [
      "an unknown key",
      problemsOf([db, gateway({ bach: 1 })]),
      [
        "E_CONTRACT shop/gateway/config/bach: is not in the contract; did you mean batch? (declared: databaseUrl, redisUrl, peerUrl, pepper, batch, mode)",
      ],
    ],
    [
      "a key that every object has",
      problemsOf([db, gateway({ valueOf: 1 })]),
      [
        "E_CONTRACT shop/gateway/config/valueOf: is not in the contract (declared: databaseUrl, redisUrl, peerUrl, pepper, batch, mode)",
      ],
    ],
    [
      "a literal for a secret",
      problemsOf([db, gateway({ pepper: "hunter2" })]),
      ["E_CONTRACT shop/gateway/config/pepper: expected a secret, got a literal; use secret(...)"],
    ],
    [
      "a secret for a URL",
      problemsOf([gateway({ databaseUrl: secret("url") })]),
      ["E_CONTRACT shop/gateway/config/databaseUrl: expected a postgres-url, got the secret url"],
    ],
    [
      "a literal out of range",
      problemsOf([db, gateway({ batch: 5000 })]),
      ["E_CONTRACT shop/gateway/config/batch: expected integer, got 5000"],
    ],
    [
      "text for a number",
      problemsOf([db, gateway({ batch: "5" })]),
      ['E_CONTRACT shop/gateway/config/batch: expected integer, got "5"'],
    ],
    [
      "a reference of another kind",
      problemsOf([db, gateway({ peerUrl: db.url })]),
      ["E_CONTRACT shop/gateway/config/peerUrl: expected a http-url, got db.url, a postgres-url"],
    ],
    [
      "what may be absent for a required key",
      problemsOf([cache, gateway({ databaseUrl: cache.url })]),
      ["E_CONTRACT shop/gateway/config/databaseUrl: is required, but cache is optional and may be absent"],
    ],
  ])("by %s", (_what, found, expected) => {
    expect(found).toEqual(expected);
  });

  it("is met by references, literals and secrets of the declared kinds", () => {
    expect(problemsOf([db, cache, gateway({ redisUrl: cache.url, batch: 5, mode: "safe" })])).toEqual([]);
  });
});
