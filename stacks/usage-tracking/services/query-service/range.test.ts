import fc from "fast-check";
import { expect, test } from "vitest";
import { parseInstant } from "../../events/instant.ts";
import { periods } from "../../rollups/deltas.ts";
import { exact, exactMs } from "./exact-number.ts";
import { decodeCursor, encodeCursor } from "./page-cursor.ts";
import { measuresOf } from "./measures.ts";
import { readPeriods, readRange } from "./range.ts";
import { emptySum, measuresRowOf } from "./sum-rows.ts";

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

test("dates are midnights of the time zone", () => {
  const range = readRange({ from: "2026-03-29", to: "2026-03-30", time_zone: "Europe/Berlin" }, now);
  expect(range).toEqual({ from: at("2026-03-28T23:00:00Z"), to: at("2026-03-29T22:00:00Z") });
  expect(readRange({ time_zone: "Mars/Base" }, now)).toMatchObject({ parameter: "time_zone" });
});

test("equal questions within one period have equal periods", () => {
  const ask = (moment: string, period: "hour" | "week"): unknown => readPeriods({}, period, at(moment));
  expect(ask("2026-11-20T12:00:00.000001Z", "hour")).toEqual(ask("2026-11-20T12:59:59.999999Z", "hour"));
  expect(ask("2026-11-20T12:59:59.999999Z", "hour")).not.toEqual(ask("2026-11-20T13:00:00.000001Z", "hour"));
  expect(ask("2026-11-18T12:00:00Z", "week")).toEqual(ask("2026-11-21T13:00:00Z", "week"));
});

test("an answer has a bound, told before anything is computed", () => {
  const ask = (from: string, period: "hour" | "day" | "month", time_zone = "UTC"): unknown =>
    readPeriods({ from, to: "2026-01-01", time_zone }, period, now);
  expect(ask("0101-01-01T00:00:00Z", "hour")).toMatchObject({ parameter: "from" });
  expect(ask("2016-01-01", "day")).toMatchObject({ parameter: "from", message: expect.stringContaining("got 3653") });
  expect(ask("2016-01-01", "month")).toHaveLength(121);
  expect(ask("2025-12-28", "hour", "Asia/Kolkata")).toHaveLength(97);
  expect(ask("2025-11-01", "hour", "Asia/Kolkata")).toMatchObject({ parameter: "time_zone" });
  expect(ask("2025-11-01", "hour", "Europe/Berlin")).toHaveLength(61 * 24 + 1);
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

test("measures are exact, quotients the nearest double", () => {
  const row = {
    ...measuresRowOf(emptySum(), 0),
    events: "4",
    errors: "1",
    input_tokens: "9007199254740993",
    custom_units: "1500000",
    latency_count: "2",
    latency_us: "3001",
    p95: 2000.5,
  };
  expect(JSON.stringify(measuresOf(row))).toBe(
    '{"event_count":4,"unique_users":0,"input_tokens":9007199254740993,"output_tokens":0,"total_tokens":0,"pages":0,"bytes":0,' +
      '"requests":0,"custom_units":1.5,"error_count":1,"error_rate":0.25,"latency_count":2,"latency_ms_sum":3.001,' +
      '"latency_ms_avg":1.5005,"latency_ms_p95":2.0005}',
  );
  const nothing = measuresOf(measuresRowOf(emptySum(), undefined));
  expect(nothing).toMatchObject({
    event_count: 0,
    error_rate: 0,
    latency_ms_avg: null,
    latency_ms_p95: null,
  });
  expect(nothing).not.toHaveProperty("unique_users");
});
