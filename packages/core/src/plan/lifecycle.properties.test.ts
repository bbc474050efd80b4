import fc from "fast-check";
import { describe, it } from "vitest";
import { play, scenarios } from "./testing/scenario.ts";

/** The seed that stands for all, and those that once found something, with what they found. */
const seeds: readonly (readonly [seed: number, sequences: number, found: string])[] = [
  [1, 10_000, "nothing so far in this many"],
  [1678383442, 1000, "a rollout's deadline outlived its unit; the next one stopped all that served"],
  [-1905645724, 1000, "what waited to be removed, wanted again, was replaced stop-first while it served"],
];

describe("the lifecycle over random sequences of events", () => {
  it.each(seeds)("holds its rules with seed %i over %i (%s)", { timeout: 300_000 }, (seed, numRuns) => {
    check({ seed, numRuns });
  });

  it("holds its rules with a seed nobody chose", { timeout: 300_000 }, () => {
    check({ numRuns: 1000 });
  });
});

function check(options: fc.Parameters<unknown>): void {
  fc.assert(
    fc.property(scenarios(), (scenario) => {
      play(scenario);
    }),
    options,
  );
}
