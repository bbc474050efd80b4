import { expect, test } from "vitest";
import { formatInstant, parseInstant } from "../../events/instant.ts";
import { openClient } from "../../testing/apply.ts";
import { startDatabase } from "../../testing/database.ts";
import { copyInto } from "./copy-into.ts";
import { createCopyRows } from "./copy-rows.ts";

const times = ["1999-12-31T23:59:59.999999Z", "2000-01-01T00:00:00.000000Z", "2026-11-20T12:00:00.123456Z"];
// From a few bytes to more than a chunk, one, two, three and four bytes a character.
const texts = ["", "a", "é", "\ud83d\ude00 \t\n\\ \\N", "x".repeat(25), "\u20ac".repeat(200_000)];
const id = "0198f1a2-0000-7abc-8def-0123456789aB";

test("what is copied is what was given: numbers, times, ids, texts of any length, arrays, JSON", async () => {
  await using server = await startDatabase();
  await using client = await openClient(server.url);
  await client.query(
    "create table t (nth integer, at timestamptz, seen date, id uuid, one text, many text[], json jsonb, none text)",
  );
  const rows = createCopyRows();
  const given = Array.from({ length: 18 }, (_, nth) => ({
    nth: nth - 5,
    at: times[nth % 3] ?? "",
    one: texts[nth % 6] ?? "",
    many: texts.slice(nth % 6),
  }));
  for (const { nth, at, one, many } of given) {
    const instant = parseInstant(at) ?? Number.NaN;
    rows.row(8);
    rows.int(nth);
    rows.time(instant);
    rows.date(instant);
    rows.uuid(id);
    rows.text(one);
    rows.texts(many);
    rows.jsonb(JSON.stringify({ one }));
    rows.text(undefined);
  }
  await copyInto(client, "t", "nth, at, seen, id, one, many, json, none", rows.chunks());
  const found = await client.query<{ at: Date; micros: string; seen: string }>(
    "select nth, (extract(epoch from at) * 1000000)::bigint as micros, seen::text, id, one, many, json, none from t",
  );
  expect(found.rows.map(({ micros, ...row }) => ({ ...row, at: formatInstant(Number(micros)) }))).toEqual(
    given.map((row) => ({
      ...row,
      seen: row.at.slice(0, 10),
      id: id.toLowerCase(),
      json: { one: row.one },
      none: null,
    })),
  );
});

test.each([
  ["", "none"],
  [id.slice(1), "a digit short"],
  [`${id}0`, "a digit long"],
  [id.replace("-", "0"), "a digit for a dash"],
  [id.replace("a", "g"), "a letter beyond f"],
  [id.replace("a", "\u0161"), "a letter beyond ASCII"],
])("%j is no id: %s", (text) => {
  expect(() => createCopyRows().uuid(text)).toThrow(RangeError);
});

test("rows are written into what others have released, and not before", () => {
  const free: Buffer[] = [];
  const written = (): ReturnType<typeof createCopyRows> => {
    const rows = createCopyRows(free);
    for (const text of ["x".repeat(40_000), "y".repeat(40_000), "z"]) rows.text(text);
    return rows;
  };
  const [first, second] = [written(), written()];
  const memoryOf = (rows: typeof first): Set<ArrayBufferLike> => new Set(rows.chunks().map(({ buffer }) => buffer));
  expect(memoryOf(first).intersection(memoryOf(second)).size).toBeLessThanOrEqual(2); // head and tail
  const all = Buffer.concat(first.chunks());
  const memory = memoryOf(first);
  first.release();
  const third = written();
  expect(memoryOf(third).difference(memory).size).toBe(0);
  expect(Buffer.concat(third.chunks()).equals(all)).toBe(true);
});
