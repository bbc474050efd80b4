import fc from "fast-check";
import { expect, test } from "vitest";
import { formatInstant, parseInstant } from "../../events/instant.ts";
import { periods } from "../../rollups/deltas.ts";
import { exact, exactMs } from "./exact-number.ts";
import { decodeCursor, encodeCursor } from "./page-cursor.ts";
import { bucketsOf, maxBuckets, readBuckets, readRange } from "./range.ts";
import { seriesOf, sumOf } from "./totals.ts";

const now = parseInstant("2026-11-20T12:34:56.789Z") ?? 0;
const at = (text: string): number => parseInstant(text) ?? Number.NaN;

test("the default range is the thirty days before now; dates are midnights of UTC", () => {
  expect(readRange({}, now)).toEqual({ from: now - 30 * periods.day, to: now });
  expect(readRange({ to: "2026-03-01" }, now)).toEqual({
    from: at("2026-01-30T00:00:00Z"),
    to: at("2026-03-01T00:00:00Z"),
  });
  expect(readRange({ from: "2026-03-01T01:00:00+01:00" }, now)).toEqual({ from: at("2026-03-01T00:00:00Z"), to: now });
});

test.each([
  [{ from: "yesterday" }, "from"],
  [{ from: "2026-02-30" }, "from"],
  [{ to: "2026-01-01T00:00:00" }, "to"],
  [{ from: "2026-01-02", to: "2026-01-01" }, "from"],
  [{ from: "2026-01-01", to: "2026-01-01" }, "from"],
])("%o is refused because of %s", (input, parameter) => {
  expect(readRange(input, now)).toMatchObject({ parameter });
});

test("buckets cover the range with whole periods, no more and without a gap", () => {
  const moment = fc.integer({ min: at("2020-01-01T00:00:00Z"), max: at("2030-01-01T00:00:00Z") });
  const length = fc.integer({ min: 1, max: 90 * periods.day });
  fc.assert(
    fc.property(moment, length, fc.constantFrom("hour" as const, "day" as const), (from, size, period) => {
      const to = from + size;
      const range = readBuckets({ from: formatInstant(from), to: formatInstant(to) }, period, now);
      if ("parameter" in range) {
        expect(Math.ceil(size / periods[period])).toBeGreaterThan(maxBuckets - 2);
        return;
      }
      expect(range.from).toBeLessThanOrEqual(from);
      expect(range.from + periods[period]).toBeGreaterThan(from);
      expect(range.to).toBeGreaterThanOrEqual(to);
      expect(range.to - periods[period]).toBeLessThan(to);
      const buckets = bucketsOf(range, period);
      expect(buckets[0]).toBe(range.from);
      for (const [index, start] of buckets.entries()) expect(start).toBe(range.from + index * periods[period]);
      expect((buckets.at(-1) ?? 0) + periods[period]).toBe(range.to);
    }),
  );
});

test("equal questions within one period have equal ranges", () => {
  const ask = (moment: string): unknown => readBuckets({}, "hour", at(moment));
  expect(ask("2026-11-20T12:00:00.000001Z")).toEqual(ask("2026-11-20T12:59:59.999999Z"));
  expect(ask("2026-11-20T12:59:59.999999Z")).not.toEqual(ask("2026-11-20T13:00:00.000001Z"));
});

test("a cursor comes back as it was, and a changed one is none", () => {
  const cursor = { at: "2026-11-20T12:34:56.789012Z", id: "0198f1a2-0000-7000-8000-000000000001" };
  expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
  for (const text of ["", "AAAA", encodeCursor({ ...cursor, id: "x" }), encodeCursor({ ...cursor, at: "2026" })]) {
    expect(decodeCursor(text)).toBeUndefined();
  }
  fc.assert(fc.property(fc.string(), (text) => void decodeCursor(text)));
});

test("numbers of any size are shown with every digit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (value) => {
      expect(JSON.stringify([exact(value.toString())])).toBe(`[${value}]`);
      const [whole = "", part = ""] = JSON.stringify(exactMs(value.toString())).split(".");
      expect(BigInt(whole) * 1000n + BigInt(part.padEnd(3, "0"))).toBe(value);
    }),
  );
});

test("sums are exact and a series has zeros where nothing was", () => {
  const row = {
    ...zero(),
    events: "2",
    input_tokens: "9007199254740993",
    errors: "0",
    custom_units: "0",
    latency_count: "1",
    latency_us: "1500",
  };
  expect(JSON.stringify(sumOf([row, row]))).toContain('"input_tokens":18014398509481986');
  const series = seriesOf([0, periods.day], [{ ...row, bucket: periods.day }]);
  expect(series[0]).toMatchObject({ start: "1970-01-01T00:00:00.000000Z", event_count: 0, latency_ms_sum: 0 });
  expect(series[1]).toMatchObject({ event_count: 2, latency_ms_sum: 1.5 });
});

function zero(): Parameters<typeof sumOf>[0][number] {
  const none = "0";
  return {
    events: none,
    input_tokens: none,
    output_tokens: none,
    total_tokens: none,
    pages: none,
    bytes: none,
    requests: none,
    errors: "0",
    custom_units: "0",
    latency_count: none,
    latency_us: none,
  };
}
