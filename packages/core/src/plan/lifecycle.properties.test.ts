import fc from "fast-check";
import { describe, it } from "vitest";
import { play, scenarios, type Scenario } from "./testing/scenario.ts";

/** The seed that stands for all, and those that once found something, with what they found. */
const seeds: readonly (readonly [seed: number, sequences: number, found: string])[] = [
  [1, 10_000, "nothing so far in this many"],
  [1678383442, 1000, "a rollout's deadline outlived its unit; the next one stopped all that served"],
  [-1905645724, 1000, "what waited to be removed, wanted again, was replaced stop-first while it served"],
];

const plain = { kind: "service", policy: "always", probed: false, needs: [] } as const;

/** Found once in 158,174 sequences: three generations at once, and what served was neither kept nor the newest. */
const threeGenerations: Scenario = {
  resources: [plain, { ...plain, kind: "job" }, plain, plain],
  steps: [
    ["pass", 0, 0],
    ["rollOver", 3, 0],
    ["pass", 0, 334],
    ["rollOver", 3, 0],
    ["restart", 3, 0],
    ["advance", 3, 56],
  ],
  delays: [0],
};

describe("the lifecycle over random sequences of events", () => {
  it.each(seeds)("holds its rules with seed %i over %i (%s)", { timeout: 300_000 }, (seed, numRuns) => {
    check({ seed, numRuns });
  });

  it("holds its rules where what serves is neither kept nor the newest", () => {
    play(threeGenerations);
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
