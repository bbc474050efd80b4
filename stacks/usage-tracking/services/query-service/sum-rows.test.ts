import fc from "fast-check";
import { expect, test } from "vitest";
import { sumNames } from "../../rollups/measures.ts";
import { addRow, addSum, clearSum, emptySum, hitsOf, measuresRowOf } from "./sum-rows.ts";

const columns = sumNames.length + 1;
const numbers = fc.array(fc.bigInt(0n, 10n ** 30n), { minLength: columns, maxLength: columns });
const smaller = fc.array(fc.bigInt(0n, 10n ** 15n), { minLength: columns, maxLength: columns });

test("sums are exact however large, and what is taken away again leaves nothing", () => {
  const part = fc.record({
    sign: fc.constantFrom(1 as const, -1 as const),
    row: fc.oneof(numbers, smaller),
    times: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const [sum, whole] = [emptySum(), emptySum()];
      const exact = Array.from({ length: columns }, () => 0n);
      for (const { sign, row, times } of parts) {
        const [hit] = hitsOf(`0 ${row.join(" ")} {}`);
        for (let n = 0; hit && n < times; n++) addRow(sum, hit, sign);
        row.forEach((value, index) => {
          exact[index] = (exact[index] ?? 0n) + BigInt(sign * times) * value;
        });
      }
      addSum(whole, sum);
      addSum(whole, sum);
      const shown = measuresRowOf(whole, undefined);
      expect(["events", ...sumNames].map((name) => (shown as unknown as Record<string, string>)[name])).toEqual(
        exact.map((value) => String(2n * value)),
      );
      clearSum(whole);
      expect(measuresRowOf(whole, undefined)).toEqual(measuresRowOf(emptySum(), undefined));
    }),
  );
});

test("a text of no rows is none", () => {
  expect(hitsOf(null)).toEqual([]);
  expect(hitsOf("3 1 {2048}\n4 2 {}")).toEqual([
    { nth: 3, numbers: ["1"], latency: "{2048}" },
    { nth: 4, numbers: ["2"], latency: "{}" },
  ]);
});
