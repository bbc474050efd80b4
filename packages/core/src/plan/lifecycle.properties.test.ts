import fc from "fast-check";
import { describe, it } from "vitest";
import { play, scenarios } from "./testing/scenario.ts";

/** Seeds of runs that once failed, with what they found, and the one that stands for all. */
const seeds: readonly (readonly [seed: number, found: string])[] = [[1, "the first"]];
const sequences = 10_000;

describe("the lifecycle over random sequences of events", () => {
  it.each(seeds)("holds its rules with seed %i (%s)", { timeout: 300_000 }, (seed) => {
    check({ seed, numRuns: sequences });
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
