import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freshSchedule, mostQueued, onTimeMs, scheduleStep, type ScheduleDecision } from "./schedule.ts";

const hour = 3_600_000;
const skip = { overlap: "skip", missed: "none" } as const;

describe("a schedule", () => {
  const at = (now: number, slots: readonly number[], running = false) => ({ now, slots, running });

  it.each([
    ["runs a slot on time", skip, 0, at(hour, [hour]), hour, [], []],
    ["runs a slot a little late", skip, 0, at(hour + onTimeMs, [hour]), hour, [], []],
    ["skips a slot while a run goes on", skip, 0, at(hour, [hour], true), null, [], [hour]],
    ["queues it", { ...skip, overlap: "queue" }, 0, at(hour, [hour], true), null, [hour], []],
    ["forgets what was missed", skip, 0, at(3.5 * hour, [hour, 2 * hour, 3 * hour]), null, [], [1, 2, 3]],
    ["runs the last missed", { ...skip, missed: "last" }, 0, at(2.5 * hour, [hour, 2 * hour]), 2 * hour, [], [1]],
    ["runs all missed", { ...skip, missed: "all" }, 0, at(2.5 * hour, [hour, 2 * hour]), hour, [2 * hour], []],
    [
      "catches up before the slot of now",
      { overlap: "queue", missed: "all" },
      0,
      at(2 * hour, [hour, 2 * hour]),
      hour,
      [2 * hour],
      [],
    ],
    [
      "misses nothing before it began",
      { ...skip, missed: "all" },
      null,
      at(2 * hour, [hour, 2 * hour]),
      2 * hour,
      [],
      [1],
    ],
    ["ignores slots it has dealt with", skip, 2 * hour, at(2 * hour, [hour, 2 * hour]), null, [], []],
    ["ignores slots to come", skip, 0, at(hour - 1, [hour]), null, [], []],
  ] as const)("%s", (_name, policy, lastSlot, moment, run, queued, skipped) => {
    const decision = scheduleStep(policy, { ...freshSchedule, lastSlot }, moment);
    expect(decision.run).toBe(run);
    expect(decision.state.queued).toEqual(queued);
    expect(decision.skipped).toEqual(skipped.map((slot) => (slot < 100 ? slot * hour : slot)));
  });

  it("takes the next of the queue when a run has ended", () => {
    const state = { lastSlot: 3 * hour, queued: [2 * hour, 3 * hour] };
    const next = scheduleStep(skip, state, at(3 * hour + 5, []));
    expect(next).toEqual({ state: { lastSlot: 3 * hour, queued: [3 * hour] }, run: 2 * hour, skipped: [] });
  });
});

const policies = fc.record({
  overlap: fc.constantFrom("skip" as const, "queue" as const),
  missed: fc.constantFrom("none" as const, "last" as const, "all" as const),
});
/** Time passes (also backwards), runs end, the agent dies and comes back with the state it stored. */
const lives = fc.array(fc.record({ pass: fc.integer({ min: -hour, max: 6 * hour }), ends: fc.boolean() }), {
  maxLength: 60,
});

interface Life {
  readonly runs: readonly number[];
  readonly skipped: readonly number[];
  readonly queued: readonly number[];
  readonly dealtWith: number | null;
}

/** Lives through `steps` with a slot at each full hour. */
function live(policy: Parameters<typeof scheduleStep>[0], steps: readonly { pass: number; ends: boolean }[]): Life {
  let [now, state, running] = [0, freshSchedule, false];
  const runs: number[] = [];
  const skipped: number[] = [];
  for (const { pass, ends } of steps) {
    now = Math.max(0, now + pass);
    if (ends) running = false;
    const slots = Array.from({ length: Math.floor(now / hour) }, (_, index) => (index + 1) * hour);
    const decision: ScheduleDecision = scheduleStep(policy, state, { now, slots, running });
    expect(decision.run === null || !running).toBe(true);
    if (decision.run !== null) [running] = [true, runs.push(decision.run)];
    skipped.push(...decision.skipped);
    state = decision.state;
  }
  return { runs, skipped, queued: state.queued, dealtWith: state.lastSlot };
}

describe("over any time", () => {
  it("no slot runs twice, none is both run and skipped, and all are dealt with in order", () => {
    fc.assert(
      fc.property(policies, lives, (policy, steps) => {
        const { runs, skipped, queued, dealtWith } = live(policy, steps);
        const all = [...runs, ...skipped, ...queued];
        expect(new Set(all).size).toBe(all.length);
        expect(runs).toEqual([...runs].sort((a, b) => a - b));
        expect(all.length).toBe((dealtWith ?? 0) / hour);
        expect(queued.length).toBeLessThanOrEqual(mostQueued);
      }),
      { numRuns: 2000 },
    );
  });

  it("with queue and all, only slots from before it was known are skipped", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const { skipped, runs, queued } = live({ overlap: "queue", missed: "all" }, steps);
        const first = Math.min(...runs, ...queued);
        expect(skipped.every((slot) => slot < first) || runs.length + queued.length >= mostQueued).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
