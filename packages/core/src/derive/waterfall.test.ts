import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waterfall, waterfallText, type UnitTiming } from "./waterfall.ts";

const timing = (name: string, spawnedAt: number, readyAt: number | null): UnitTiming => ({ name, spawnedAt, readyAt });
const needs = (from: string, to: string) => ({ from, to });

const run = [
  timing("postgres", 1000, 1400),
  timing("redis", 1000, 1050),
  timing("provision", 1400, 1500),
  timing("migrate", 1502, 1800),
  timing("gateway", 1803, 2003),
  timing("query", 1803, 1900),
  timing("slow", 1803, null),
];
const gates = [
  needs("provision", "postgres"),
  needs("migrate", "postgres"),
  needs("migrate", "provision"),
  needs("gateway", "migrate"),
  needs("gateway", "elsewhere"),
  needs("query", "migrate"),
  needs("slow", "redis"),
];

describe("the waterfall of a start", () => {
  it("has the sum of spawn-to-ready on the longest chain as its critical path, without the gaps between", () => {
    const { criticalPath, totalMs } = waterfall(run, gates);
    expect(criticalPath).toEqual({ names: ["postgres", "provision", "migrate", "gateway"], ms: 400 + 100 + 298 + 200 });
    expect(totalMs).toBe(1003);
  });

  it("reads as bars", () => {
    expect(`\n${waterfallText(waterfall(run, gates), 72)}\n`).toMatchInlineSnapshot(`
      "
      postgres   ████████████████████                                   400 ms
      redis      ░░░                                                     50 ms
      provision                      █████                              100 ms
      migrate                             ████████████████              298 ms
      gateway                                            ███████████    200 ms
      query                                              ░░░░░░          97 ms
      slow                                               ···········   not yet
      critical path 998 ms of 1003 ms: postgres -> provision -> migrate -> gateway
      "
    `);
  });

  it("is empty when nothing was spawned", () => {
    const { rows, criticalPath } = waterfall([], gates);
    expect([rows, criticalPath]).toEqual([[], { names: [], ms: 0 }]);
    expect(waterfallText(waterfall([], []))).toBe("");
  });

  it("never has a critical path longer than the run, when each starts after what it needs was ready", () => {
    const graph = fc.array(fc.record({ span: fc.nat(500), gap: fc.nat(20), needs: fc.array(fc.nat(30)) }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(graph, (plan) => {
        const ready: number[] = [];
        const edges: { from: string; to: string }[] = [];
        const timings = plan.map(({ span, gap, needs: wanted }, index) => {
          const targets = index === 0 ? [] : wanted.map((each) => each % index);
          for (const to of targets) edges.push(needs(`r${index}`, `r${to}`));
          const spawnedAt = gap + Math.max(0, ...targets.map((to) => ready[to] ?? 0));
          ready.push(spawnedAt + span);
          return timing(`r${index}`, spawnedAt, spawnedAt + span);
        });
        const { criticalPath } = waterfall(timings, edges);
        const longest = longestBySearch(
          plan.map(({ span }) => span),
          edges,
        );
        expect(criticalPath.ms).toBe(longest);
        expect(criticalPath.ms).toBeLessThanOrEqual(Math.max(...ready));
      }),
    );
  });
});

/** The same figure by another way: relaxing until nothing changes. */
function longestBySearch(spans: readonly number[], edges: readonly { from: string; to: string }[]): number {
  const sums = [...spans];
  for (let changed = true; changed;) {
    changed = false;
    for (const { from, to } of edges) {
      const [a, b] = [Number(from.slice(1)), Number(to.slice(1))];
      const sum = (spans[a] ?? 0) + (sums[b] ?? 0);
      if (sum > (sums[a] ?? 0)) [sums[a], changed] = [sum, true];
    }
  }
  return Math.max(...sums);
}
