import { isCaissonError } from "@caisson/core";
import { expect, test } from "vitest";
import { testApp } from "../testing/test-app.ts";
import type { Guard } from "./guard.ts";

const guard: Guard<{ readonly tenant: string }> = { name: "apiKey", check: () => ({ tenant: "a" }) };

test("every route is listed with its guard", async () => {
  const { get, post, routes } = await testApp();
  get("/a", { guard: "public" }, () => ({}));
  post("/b/:id", { guard }, () => ({}));
  expect(routes()).toEqual([
    { method: "GET", path: "/openapi.json", guard: "public" },
    { method: "GET", path: "/a", guard: "public" },
    { method: "POST", path: "/b/:id", guard: "apiKey" },
  ]);
});

test("a route without a guard cannot be registered, by whatever way", async () => {
  const { get, fastify } = await testApp();
  const loose = get as (path: string, options: object, handler: () => object) => void;
  const attempts = [
    () => loose("/a", {}, () => ({})),
    () => loose("/b", { guard: undefined }, () => ({})),
    () => loose("/c", { guard: "apiKey" }, () => ({})),
    () => fastify.get("/d", () => ({})),
    () => fastify.route({ method: ["GET", "POST"], url: "/e", handler: () => ({}) }),
  ];
  for (const attempt of attempts) {
    expect(attempt).toThrow(/^route (GET|GET,POST) \/[a-e] has no guard: expected guard: "public" or a guard/);
    expect(attempt).toThrow(expect.toSatisfy(isCaissonError));
  }
});
