import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInstant, type Instant } from "../events/instant.ts";
import { apportion, costsOf, priceOf, type Usage } from "./cost.ts";
import { formatAmount, parseAmount } from "./decimal.ts";
import { parseRule, type WrittenRule } from "./parse-rule.ts";
import { overlap, ruleFor, type Rule } from "./rule.ts";
import type { Volumes } from "./units.ts";

const at = (text: string): Instant => parseInstant(`${text}T00:00:00Z`) ?? Number.NaN;

function rule(written: Partial<WrittenRule>, id = 1): Rule {
  return { id, ...parseRule({ service: "llm_service", from: "2026-01-01", part: ["tokens=1"], ...written }) };
}

function volumes(some: Partial<Record<keyof Volumes, number>>): Volumes {
  const names = [
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "pages",
    "bytes",
    "requests",
    "latency_us",
    "custom_units",
  ];
  const all = Object.fromEntries(["events", ...names].map((name) => [name, 0n])) as Record<keyof Volumes, bigint>;
  all.events = 1n;
  for (const [name, value] of Object.entries(some)) all[name as keyof Volumes] = BigInt(value);
  return all;
}

function usage(day: string, some: Parameters<typeof volumes>[0], names: Partial<Usage> = {}): Usage {
  return { bucket: at(day), service: "llm_service", provider: "p", model: "m", volumes: volumes(some), ...names };
}

const tiers = "tokens=0..1000:0.002,1000..5000:0.001,5000..:0.0000005";

describe("the price of a month", () => {
  test.each([
    ["nothing", tiers, { events: 0 }, "0"],
    ["the first tier", tiers, { total_tokens: 999 }, "1.998"],
    ["a tier to its end", tiers, { total_tokens: 1000 }, "2"],
    ["tiers in part", tiers, { total_tokens: 1001 }, "2.001"],
    ["all tiers", tiers, { total_tokens: 7001 }, "6.0010005"],
    ["one rate", "tokens=0.000000000001", { total_tokens: 3 }, "0.000000000003"],
    ["minutes, rounded half up once", "minutes=1", { latency_us: 20_000_000 }, "0.333333333333"],
    ["minutes, rounded up", "minutes=1", { latency_us: 40_000_000 }, "0.666666666667"],
    ["custom units", "custom=3", { custom_units: 1_500_000 }, "4.5"],
    ["tiers of minutes", "minutes=0..1:2,1..:1", { latency_us: 90_000_000 }, "2.5"],
    ["more than a double holds", "tokens=0.07", { total_tokens: Number.MAX_SAFE_INTEGER }, "630503947831869.37"],
  ])("%s", (_name, part, some, cost) => {
    expect(formatAmount(priceOf(rule({ part: [part] }), volumes(some)))).toBe(cost);
  });

  test("parts are summed, and a minimum holds for any month with an event", () => {
    const both = rule({ part: ["input_tokens=0.5", "output_tokens=2"], minimum: "10" });
    expect(formatAmount(priceOf(both, volumes({ input_tokens: 30, output_tokens: 5 })))).toBe("25");
    expect(formatAmount(priceOf(both, volumes({ input_tokens: 2 })))).toBe("10");
    expect(priceOf(both, volumes({ events: 0 }))).toBe(0n);
  });

  test("a request is an event, unless an API's event says that it is several", () => {
    const some = volumes({ events: 3, requests: 70 });
    expect(formatAmount(priceOf(rule({ part: ["requests=1"] }), some))).toBe("3");
    expect(formatAmount(priceOf(rule({ service: "api_service", part: ["requests=1"] }), some))).toBe("70");
  });
});

test("costs of days follow the month's volume, begin anew with each month, and pay the minimum once", () => {
  const days = ["2026-01-30", "2026-01-31", "2026-02-01"].map((day) => usage(day, { total_tokens: 800 }));
  const costs = (rules: readonly Rule[]): string[] => costsOf(days, rules).map(({ cost }) => formatAmount(cost));
  expect(costs([rule({ part: [tiers] })])).toEqual(["1.6", "1", "1.6"]);
  expect(costs([rule({ part: [tiers], minimum: "2" })])).toEqual(["2", "0.6", "2"]);
});

test("the rule that names more decides, on its days", () => {
  const rules = [
    rule({}, 1),
    rule({ provider: "p", from: "2026-02-01", until: "2026-03-01" }, 2),
    rule({ model: "m", from: "2026-02-10", until: "2026-02-11" }, 3),
    rule({ model: "m", provider: "p", from: "2026-02-10", until: "2026-02-11" }, 4),
    rule({ service: "custom" }, 5),
  ];
  const found = (day: string, provider = "p", model = "m"): number | undefined =>
    ruleFor(rules, { service: "llm_service", provider, model }, at(day))?.id;
  expect([found("2025-12-31"), found("2026-01-31"), found("2026-02-01"), found("2026-03-01")]).toEqual([
    undefined,
    1,
    2,
    1,
  ]);
  expect([found("2026-02-10"), found("2026-02-10", "q"), found("2026-02-10", "p", "n")]).toEqual([4, 3, 2]);
  expect(overlap(rule({}), rule({ until: "2026-01-02" }))).toBe(true);
  expect(overlap(rule({ until: "2026-02-01" }), rule({ from: "2026-02-01" }))).toBe(false);
  expect(overlap(rule({}), rule({ provider: "p" }))).toBe(false);
});

test("shares add up exactly, are in proportion, and never negative", () => {
  const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), weights, (amount, all) => {
      const shares = apportion(amount, all);
      const total = all.reduce((sum, weight) => sum + weight, 0n);
      expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(amount);
      for (const [index, share] of shares.entries()) {
        const exact = total === 0n ? amount / BigInt(all.length) : (amount * (all[index] ?? 0n)) / total;
        expect(share - exact >= 0n && share - exact <= 1n).toBe(true);
      }
    }),
  );
});

test("amounts are written as short as they are, and read back", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 26n - 1n }), (amount) => {
      expect(parseAmount(formatAmount(amount))).toBe(amount);
    }),
  );
  expect(formatAmount(-1_500_000_000_000n)).toBe("-1.5");
  for (const text of ["", "-1", "1e3", ".5", "1.", "0.0000000000001", "1,5", " 1"])
    expect(parseAmount(text)).toBeUndefined();
});

test.each<[Partial<WrittenRule>, string]>([
  [{ service: "llm" }, "--service"],
  [{ from: "2026-02-30" }, "--from"],
  [{ from: "2026-01-01T00:00:00Z" }, "--from"],
  [{ until: "2026-01-01" }, "--until"],
  [{ minimum: "-1" }, "--minimum"],
  [{ provider: "" }, "--provider"],
  [{ service: "custom", model: "m" }, "--model"],
  [{ part: [] }, "--part"],
  [{ part: ["tokens"] }, "--part"],
  [{ part: ["token=1"] }, "--part"],
  [{ part: ["tokens=0.0000000000001"] }, "12 places"],
  [{ part: ["tokens=1", "tokens=2"] }, "each unit once"],
  [{ part: ["tokens=1..:2"] }, "begin at 0"],
  [{ part: ["tokens=0..5:2,6..:1"] }, "without a gap"],
  [{ part: ["tokens=0..:2,5..:1"] }, "without a gap"],
  [{ part: ["tokens=0..5:2,5..5:3,5..:1"] }, "end after they begin"],
  [{ part: ["tokens=0..5:2"] }, "without an end"],
])("a rule is refused: %j", (written, fault) => {
  expect(() => rule(written)).toThrow(fault);
});
