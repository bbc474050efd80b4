import { expect, test } from "vitest";
import { createLiveness } from "./liveness.ts";

test("a loop is dead when it neither beats nor rests for its time, and alive again when it moves", () => {
  let now = 0;
  const liveness = createLiveness(() => now);
  const pulse = liveness.pulse("steps", 1000);
  expect(liveness.problems()).toEqual([]);
  pulse.beat();
  now = 1000;
  expect(liveness.problems()).toEqual([]);
  now = 2500;
  expect(liveness.problems()).toEqual(["loop steps has not moved for 2.5 s, allowed 1 s"]);
  pulse.rest();
  now = 100_000;
  expect(liveness.problems()).toEqual([]);
  pulse.beat();
  expect(liveness.problems()).toEqual([]);
});
