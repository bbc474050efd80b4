import fc from "fast-check";
import { expect, test } from "vitest";
import { formatInstant, parseInstant } from "./instant.ts";

test("a formatted instant parses back to itself, in any offset", () => {
  const instants = fc.integer({ min: 946_684_800_000_000, max: 4_102_444_800_000_000 });
  const offsets = fc.integer({ min: -23 * 60, max: 23 * 60 });
  fc.assert(
    fc.property(instants, offsets, (instant, minutes) => {
      expect(parseInstant(formatInstant(instant))).toBe(instant);
      const sign = minutes < 0 ? "-" : "+";
      const size = Math.abs(minutes);
      const zone = `${sign}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
      const local = formatInstant(instant + minutes * 60_000_000).replace("Z", zone);
      expect(parseInstant(local)).toBe(instant);
    }),
  );
});

test("days are those of the calendar, as Date knows it", () => {
  const parts = fc.tuple(
    fc.integer({ min: 1900, max: 2400 }),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
  );
  fc.assert(
    fc.property(parts, ([year, month, day]) => {
      const text = `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
      const date = new Date(`${text}T00:00:00Z`);
      const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
      expect(parseInstant(`${text}T00:00:00Z`)).toBe(exists ? date.getTime() * 1000 : undefined);
    }),
  );
});

test.each([
  ["2023-11-16T18:15:46.6805909Z", 1_700_158_546_680_590],
  ["2023-11-16T18:15:46Z", 1_700_158_546_000_000],
  ["2023-11-16t18:15:46.5z", 1_700_158_546_500_000],
  ["2023-11-16T20:15:46+02:00", 1_700_158_546_000_000],
  ["2023-11-16T18:15:46", undefined],
  ["2023-11-16 18:15:46Z", undefined],
  ["2023-11-16T24:00:00Z", undefined],
  ["2023-11-16T18:15:60Z", undefined],
  ["2023-11-16T18:15:46.Z", undefined],
  ["2023-11-16T18:15:46+24:00", undefined],
  ["2023-11-16", undefined],
  ["2000-02-29T00:00:00Z", 951_782_400_000_000],
  ["2100-02-29T00:00:00Z", undefined],
  ["1700158546", undefined],
  ["", undefined],
])("%s", (text, instant) => expect(parseInstant(text)).toBe(instant));
