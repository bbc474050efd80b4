import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topological } from "./topological.ts";

describe("topological order", () => {
  it("keeps the order given where nothing speaks against it, and passes over names it was not given", () => {
    const needs: Record<string, string[]> = { b: ["d", "elsewhere"], elsewhere: ["c"] };
    expect(topological(["a", "b", "c", "d"], (name) => needs[name] ?? [])).toEqual(["a", "d", "b", "c"]);
  });

  it("ends in a circle, with each name once", () => {
    const needs: Record<string, string[]> = { a: ["b"], b: ["c"], c: ["a"] };
    expect(topological(["a", "b", "c"], (name) => needs[name] ?? [])).toEqual(["c", "b", "a"]);
  });

  it("puts every name after all it needs", () => {
    const plans = fc.array(fc.array(fc.nat(40)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(plans, fc.nat(), (plan, turn) => {
        const needs = plan.map((each, index) => (index === 0 ? [] : each.map((to) => `${to % index}`)));
        const names = plan.map((_, index) => `${(index + turn) % plan.length}`);
        const sorted = topological(names, (name) => needs[Number(name)] ?? []);
        expect([...sorted].sort()).toEqual([...names].sort());
        for (const [place, name] of sorted.entries())
          for (const need of needs[Number(name)] ?? []) expect(sorted.indexOf(need)).toBeLessThan(place);
      }),
    );
  });
});
