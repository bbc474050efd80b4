import fc from "fast-check";
import { expect, test } from "vitest";
import { formatInstant, parseInstant, type Instant } from "../../events/instant.ts";
import { rollupPeriods } from "../../rollups/periods.ts";
import { localBuckets } from "./local-buckets.ts";
import { piecesOf, runsOf, signedPiecesOf, stretchesOf } from "./pieces.ts";
import { isZone } from "./zone.ts";

const at = (text: string): Instant => parseInstant(text) ?? Number.NaN;
const hour = 3_600_000_000;
const times = (from: string, to: string, period: "hour" | "day" | "week" | "month", zone: string): string[] =>
  localBuckets({ from: at(from), to: at(to) }, period, zone).map((start) =>
    new Date(start / 1000).toISOString().replace(":00.000Z", "Z"),
  );

test("zones are those of IANA", () => {
  for (const zone of ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Argentina/Ushuaia"])
    expect(isZone(zone)).toBe(true);
  for (const none of ["", "Mars/Base", "+05:30", "UTC+1", "../etc/passwd"]) expect(isZone(none)).toBe(false);
});

test.each<[string, string, string, "hour" | "day" | "week" | "month", string, string[]]>([
  [
    "a day of 23 hours",
    "2026-03-28T12:00:00Z",
    "2026-03-29T12:00:00Z",
    "day",
    "Europe/Berlin",
    ["2026-03-27T23:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"],
  ],
  [
    "an hour that is repeated is two",
    "2026-10-25T00:10:00Z",
    "2026-10-25T01:10:00Z",
    "hour",
    "Europe/Berlin",
    ["2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z"],
  ],
  [
    "half an hour that is repeated makes an hour longer",
    "2026-04-04T14:10:00Z",
    "2026-04-04T15:40:00Z",
    "hour",
    "Australia/Lord_Howe",
    ["2026-04-04T14:00Z", "2026-04-04T15:30Z", "2026-04-04T16:30Z"],
  ],
  [
    "half an hour that is skipped makes one shorter",
    "2026-10-03T15:10:00Z",
    "2026-10-03T16:10:00Z",
    "hour",
    "Australia/Lord_Howe",
    ["2026-10-03T14:30Z", "2026-10-03T15:30Z", "2026-10-03T16:00Z", "2026-10-03T17:00Z"],
  ],
  [
    "days at half past",
    "2026-01-01T00:00:00Z",
    "2026-01-01T19:00:00Z",
    "day",
    "Asia/Kolkata",
    ["2025-12-31T18:30Z", "2026-01-01T18:30Z", "2026-01-02T18:30Z"],
  ],
  [
    "a midnight that there is not",
    "2018-11-04T05:00:00Z",
    "2018-11-04T06:00:00Z",
    "day",
    "America/Sao_Paulo",
    ["2018-11-04T03:00Z", "2018-11-05T02:00Z"],
  ],
  [
    "a midnight that there is twice",
    "2026-11-01T05:10:00Z",
    "2026-11-01T06:00:00Z",
    "day",
    "America/Havana",
    ["2026-11-01T04:00Z", "2026-11-02T05:00Z"],
  ],
  [
    "a day that there is not",
    "2011-12-29T12:00:00Z",
    "2011-12-31T00:00:00Z",
    "day",
    "Pacific/Apia",
    ["2011-12-29T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"],
  ],
  [
    "weeks from Monday",
    "2026-01-01T00:00:00Z",
    "2026-01-05T00:00:00Z",
    "week",
    "UTC",
    ["2025-12-29T00:00Z", "2026-01-05T00:00Z"],
  ],
  [
    "months",
    "2026-02-28T23:30:00Z",
    "2026-03-01T00:30:00Z",
    "month",
    "Europe/Berlin",
    ["2026-02-28T23:00Z", "2026-03-31T22:00Z"],
  ],
])("%s", (_name, from, to, period, zone, expected) => {
  expect(times(from, to, period, zone)).toEqual(expected);
});

const zones = [
  "UTC",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "America/St_Johns",
  "America/New_York",
  "Pacific/Chatham",
  "Africa/Casablanca",
  "America/Havana",
  "Atlantic/Azores",
  "Pacific/Apia",
  "Asia/Tehran",
];

test("buckets cover a range in order, without gaps, and their pieces cover them exactly", () => {
  const moment = fc.integer({ min: at("2012-01-01T00:00:00Z"), max: at("2030-01-01T00:00:00Z") });
  const period = fc.constantFrom(...rollupPeriods);
  fc.assert(
    fc.property(
      moment,
      fc.integer({ min: 1, max: 70 * 24 * hour }),
      period,
      fc.constantFrom(...zones),
      (from, size, each, zone) => {
        const starts = localBuckets({ from, to: from + size }, each, zone);
        expect(starts[0]).toBeLessThanOrEqual(from);
        expect(starts[1]).toBeGreaterThan(from);
        expect(starts.at(-1)).toBeGreaterThanOrEqual(from + size);
        expect(starts.at(-2)).toBeLessThan(from + size);
        for (const [index, start] of starts.entries())
          if (index > 0) expect(start).toBeGreaterThan(starts[index - 1] ?? start);
        let covered = starts[0] ?? 0;
        for (const piece of piecesOf(starts)) {
          expect(piece.from).toBe(covered);
          expect(piece.to).toBeGreaterThan(piece.from);
          expect(piece.from).toBeGreaterThanOrEqual(starts[piece.index] ?? Number.NaN);
          expect(piece.to).toBeLessThanOrEqual(starts[piece.index + 1] ?? Number.NaN);
          // A raw piece is less than an hour, or two that touch inside one bucket never are a whole one.
          if (piece.level === "raw") expect(piece.to - piece.from).toBeLessThan(2 * hour);
          covered = piece.to;
        }
        expect(covered).toBe(starts.at(-1));
      },
    ),
    { numRuns: 300 },
  );
});

test("pieces with signs come to every bucket exactly once: what a larger one has too much is taken away", () => {
  const moment = fc.integer({ min: at("2012-01-01T00:00:00Z"), max: at("2030-01-01T00:00:00Z") });
  fc.assert(
    fc.property(
      moment,
      fc.integer({ min: 1, max: 40 * 24 }),
      fc.constantFrom("hour", "day", "week"),
      fc.constantFrom(...zones),
      (from, hours, period, zone) => {
        const starts = localBuckets({ from, to: from + hours * hour }, period, zone);
        // Counted by quarters of an hour: no zone is finer than that.
        const counts = new Map<string, number>();
        const add = (index: number, range: { from: number; to: number }, sign: number): void => {
          for (let quarter = range.from; quarter < range.to; quarter += hour / 4) {
            const id = `${index} ${quarter}`;
            const count = (counts.get(id) ?? 0) + sign;
            if (count === 0) counts.delete(id);
            else counts.set(id, count);
          }
        };
        const pieces = signedPiecesOf(starts);
        const stretches = stretchesOf(pieces);
        for (const stretch of stretches) for (const { index, sign } of stretch.uses) add(index, stretch, sign);
        // A row is of the stretch that its run and its time say.
        const read = runsOf(stretches).flatMap(({ nth, step, from: lo, to: hi }) =>
          Array.from({ length: (hi - lo) / step }, (_, index) => [
            nth + index,
            lo + index * step,
            lo + (index + 1) * step,
          ]),
        );
        expect(read).toEqual(stretches.map((stretch, nth) => [nth, stretch.from, stretch.to]));
        for (const [index, to] of starts.slice(1).entries()) add(index, { from: starts[index] ?? to, to }, -1);
        expect(counts).toEqual(new Map());
        for (const { level, from: start, to } of pieces)
          if (level === "hour") expect(to - start).toBeLessThan(12.5 * hour);
      },
    ),
    { numRuns: 100 },
  );
});

test("a long range is read from months, from weeks at their sides, and from days where neither is whole", () => {
  const pieces = (from: string, to: string): string[] =>
    piecesOf([at(`${from}T00:00:00Z`), at(`${to}T00:00:00Z`)]).map(
      (piece) => `${piece.level} ${formatInstant(piece.from).slice(0, 10)}`,
    );
  expect(pieces("2026-08-20", "2026-09-19")).toEqual(["day 2026-08-20", "week 2026-08-24", "day 2026-09-14"]);
  expect(pieces("2026-08-20", "2026-10-05")).toEqual([
    "day 2026-08-20",
    "week 2026-08-24",
    "day 2026-08-31",
    "month 2026-09-01",
    "day 2026-10-01",
  ]);
});

test("whole periods of UTC are one row each", () => {
  for (const period of rollupPeriods) {
    const starts = localBuckets({ from: at("2026-01-15T00:00:00Z"), to: at("2026-04-20T00:00:00Z") }, period, "UTC");
    expect(piecesOf(starts)).toEqual(
      starts.slice(1).map((to, index) => ({ index, level: period, from: starts[index], to })),
    );
  }
});
