import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { duration, moment, registry } from "./value-types.ts";

describe("a duration", () => {
  test.each([
    ["0", 0],
    ["30", 30_000],
    ["500ms", 500],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["1h30m", 5_400_000],
    ["1d", 86_400_000],
    ["0.5ms", 1],
    ["1.0004s", 1000],
  ])("%s", (text, ms) => expect(duration.read(text)).toBe(ms));

  test.each(["", "-1", "1.5", "1x", "s", "1 m", "1e3s", "9999999999"])("not %j", (text) => {
    expect(duration.read(text)).toBeUndefined();
  });

  test("is the sum of its parts", () => {
    fc.assert(
      fc.property(fc.nat(999), fc.nat(59), (minutes, seconds) => {
        expect(duration.read(`${minutes}m${seconds}s`)).toBe((minutes * 60 + seconds) * 1000);
      }),
    );
  });
});

describe("a moment", () => {
  test.each([
    ["10m", { ago: 600_000 }],
    ["2026-05-01T10:00:00Z", { at: Date.UTC(2026, 4, 1, 10) }],
    ["2026-05-01 10:00:00+02:00", { at: Date.UTC(2026, 4, 1, 8) }],
  ])("%s", (text, wanted) => expect(moment.read(text)).toEqual(wanted));

  test("a day is local, as a time of it is", () => {
    const day = moment.read("2026-05-01");
    expect(day).toEqual(moment.read("2026-05-01 00:00"));
    expect(day).toEqual({ at: new Date(2026, 4, 1).getTime() });
  });

  test.each(["yesterday", "2026-13-01", "2026-05-01T99:00", "12:00", ""])("not %j", (text) => {
    expect(moment.read(text)).toBeUndefined();
  });
});

describe("a registry", () => {
  test.each(["registry.example.com", "registry.example.com/team/a_b", "127.0.0.1:5000", "host:5000/x", "localhost/x"])(
    "%s",
    (text) => expect(registry.read(text)).toBe(text),
  );

  test.each(["", "team", "https://registry.example.com", "registry.example.com/", "Registry.example.com", "a.b/c:1"])(
    "not %j",
    (text) => expect(registry.read(text)).toBeUndefined(),
  );
});
