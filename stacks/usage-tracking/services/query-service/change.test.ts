import fc from "fast-check";
import { expect, test } from "vitest";
import { changeOf, trendOf } from "./change.ts";

test.each<[bigint[], string, number | null]>([
  [[], "stable", 0],
  [[7n], "stable", 0],
  [[0n, 0n], "stable", 0],
  [[0n, 1n], "up", null],
  [[1n, 0n], "down", -100],
  [[100n, 105n], "stable", 5],
  [[10_000n, 10_501n], "up", 5.01],
  [[100n, 95n], "stable", -5],
  [[10_000n, 9_499n], "down", -5.01],
  [[1n, 1000n, 1n], "stable", 0],
  [[3n, 4n], "up", 33.33],
  [[10n ** 30n, 10n ** 30n + 1n], "stable", 0],
])("%o is %s", (values, direction, change) => {
  expect(trendOf(values)).toEqual({ direction, percentage_change: change });
});

test("a change is the quotient to two places", () => {
  const number = fc.bigInt({ min: 1n, max: 1_000_000n });
  fc.assert(
    fc.property(number, number, (before, after) => {
      const percent = (Number(after - before) / Number(before)) * 100;
      expect(Math.abs((changeOf(before, after) ?? Number.NaN) - percent)).toBeLessThan(0.0050001);
    }),
  );
});
