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
  const ids = Array.from({ length: 1000 }, (_, index) => `id-${index}`);
  recent.add(1, ids);
  for (const id of ids.slice(-100)) expect(recent.has(1, id)).toBe(true);
  expect(ids.filter((id) => recent.has(1, id)).length).toBeLessThanOrEqual(200);
  expect(recent.has(2, "id-999")).toBe(false);
});
