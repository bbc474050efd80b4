import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBytes, toMs, type Duration, type Size } from "./quantity.ts";

describe("a duration", () => {
  it.each<[Duration, number]>([
    ["0s", 0],
    ["250ms", 250],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["1.5h", 5_400_000],
    ["1d", 86_400_000],
  ])("%s is %i ms", (text, ms) => {
    expect(toMs(text)).toBe(ms);
  });

  it.each(["", "5", "s", "-1s", "1 s", "1S", "1e3s", "1.s", ".5s", "1w", "1s1s", "Infinitys", "5constructor", "١s"])(
    "%j is refused, with what was expected",
    (text) => {
      // What the type refuses reaches us from code that was not type-checked.
      expect(() => toMs(text as Duration)).toThrow(
        `expected a duration such as "500ms", "30s" or "2h", got ${JSON.stringify(text)}`,
      );
    },
  );
});

describe("a size", () => {
  it.each<[Size, number]>([
    ["0B", 0],
    ["1KB", 1024],
    ["1.5MB", 1_572_864],
    ["2GB", 2_147_483_648],
    ["0.3B", 0],
  ])("%s is %i bytes", (text, bytes) => {
    expect(toBytes(text)).toBe(bytes);
  });

  it.each(["512", "512mb", "1TB", "-1MB", "MB", "1 MB", "1,5MB"])("%j is refused", (text) => {
    expect(() => toBytes(text as Size)).toThrow("expected a size such as");
  });

  it("is a whole number of bytes, and more of the same unit is not less", () => {
    const number = fc.tuple(fc.nat(5000), fc.nat(999)).map(([whole, rest]) => whole + rest / 1000);
    const unit = fc.constantFrom("B", "KB", "MB", "GB" as const);
    fc.assert(
      fc.property(number, number, unit, (a, b, each) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((value) => toBytes(`${value}${each}` as Size));
        expect(Number.isInteger(less)).toBe(true);
        expect(less).toBeLessThanOrEqual(more ?? Number.NaN);
      }),
    );
  });
});
