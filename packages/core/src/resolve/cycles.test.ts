import { describe, expect, it } from "vitest";
import type { Edge } from "../model/edge.ts";
import type { Strength } from "../model/expression.ts";
import { needsCycles } from "./cycles.ts";

const edge = (from: string, to: string, strength: Strength = "needs"): Edge => ({
  from,
  to,
  strength,
  condition: "healthy",
  why: "after",
});

describe("circles of needs", () => {
  it.each<[string, Edge[], string[][]]>([
    ["none in a diamond", [edge("a", "b"), edge("a", "c"), edge("b", "d"), edge("c", "d")], []],
    ["one of one", [edge("a", "a")], [["a", "a"]]],
    ["one of two", [edge("a", "b"), edge("b", "a")], [["a", "b", "a"]]],
    ["only the circle, not what leads to it", [edge("a", "b"), edge("b", "c"), edge("c", "b")], [["b", "c", "b"]]],
    [
      "two apart",
      [edge("a", "b"), edge("b", "a"), edge("c", "d"), edge("d", "c")],
      [
        ["a", "b", "a"],
        ["c", "d", "c"],
      ],
    ],
    [
      "two that share a resource",
      [edge("a", "b"), edge("b", "a"), edge("a", "c"), edge("c", "a")],
      [
        ["a", "b", "a"],
        ["a", "c", "a"],
      ],
    ],
    ["none through a weaker edge", [edge("a", "b"), edge("b", "a", "uses"), edge("b", "a", "observes")], []],
  ])("%s", (_what, edges, cycles) => {
    expect(needsCycles(["a", "b", "c", "d"], edges)).toEqual(cycles);
  });

  it("are looked for once behind each resource, however many ways lead there", () => {
    const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
    const edges = names.flatMap((name, index) => names.slice(index + 1, index + 3).map((to) => edge(name, to)));
    expect(needsCycles(names, edges)).toEqual([]);
  });

  it("are found in a chain of 10,000 that bites its tail", () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `s${index}`);
    const edges = names.map((name, index) => edge(name, names[(index + 1) % names.length] ?? ""));
    const [cycle, ...others] = needsCycles(names, edges);
    expect(others).toEqual([]);
    expect(cycle).toHaveLength(10_001);
    expect(needsCycles(names, edges.slice(0, -1))).toEqual([]);
  });
});
