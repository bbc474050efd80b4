import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createBodyBudget } from "./body-budget.ts";
import { createRecentIds } from "./recent-ids.ts";

test("bodies share the budget, room comes back once, and one body always fits", () => {
  const budget = createBodyBudget(100);
  const [a, b] = [budget.take(60), budget.take(40)];
  expect(budget.take(1)).toBeUndefined();
  a?.();
  a?.();
  expect(budget.take(61)).toBeUndefined();
  const c = budget.take(60);
  expect(c).toBeDefined();
  b?.();
  c?.();
  expect(budget.take(1000)).toBeDefined();
});

test("the last ids are remembered per tenant, and never more than twice as many", () => {
  const recent = createRecentIds(100);
  const ids = Array.from({ length: 1000 }, () => randomUUID());
  recent.add(1, ids);
  for (const id of ids.slice(-100)) expect(recent.has(1, id)).toBe(true);
  expect(ids.filter((id) => recent.has(1, id)).length).toBeLessThanOrEqual(200);
  for (const id of ids) expect(recent.has(2, id)).toBe(false);
});

test("ids are told apart by each of their digits, and are found in the place of another one", () => {
  const id = "0198f1a2-3b4c-7d5e-8f60-718293a4b5c6";
  const others = [...id].flatMap((digit, at) =>
    digit === "-"
      ? []
      : [...hex].filter((other) => other !== digit).map((other) => id.slice(0, at) + other + id.slice(at + 1)),
  );
  for (let round = 0; round < 50; round++) {
    const recent = createRecentIds(others.length);
    recent.add(1, [id]);
    for (const other of others) expect(recent.has(1, other)).toBe(false);
    // A full table: half of its places are taken, many by what came too late for its own.
    recent.add(1, others);
    for (const other of [id, ...others]) expect(recent.has(1, other)).toBe(true);
    for (const other of others) expect(recent.has(2, other)).toBe(false);
  }
});

const hex = "0123456789abcdef";
