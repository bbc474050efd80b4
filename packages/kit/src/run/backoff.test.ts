import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test("waits grow to the cap and stay there, each within the upper half of its range", () => {
  const backoff = { firstMs: 100, capMs: 1000 };
  const top = [1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => Math.round(backoffMs(backoff, failures, () => 1)));
  expect(top).toEqual([100, 150, 225, 338, 506, 759, 1000, 1000]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const ms = backoffMs(backoff, failures, () => random);
      expect(ms).toBeGreaterThanOrEqual(50);
      expect(ms).toBeLessThanOrEqual(1000);
    }),
  );
});
