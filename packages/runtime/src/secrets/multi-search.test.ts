import fc from "fast-check";
import { expect, test } from "vitest";
import { multiSearch, type Match } from "./multi-search.ts";

/** The same, found the slow and obvious way. */
function oracle(patterns: readonly string[], text: string): { start: number; end: number }[] {
  const covered: { start: number; end: number }[] = [];
  for (let start = 0; start < text.length; start++) {
    const lengths = patterns.filter((pattern) => text.startsWith(pattern, start)).map(({ length }) => length);
    if (lengths.length === 0) continue;
    const end = start + Math.max(...lengths);
    const last = covered.at(-1);
    if (last && start < last.end) last.end = Math.max(last.end, end);
    else covered.push({ start, end });
  }
  return covered;
}

// three letters only, so that patterns overlap, contain and start each other
const letters = fc.string({ unit: fc.constantFrom("a", "b", "é"), minLength: 3, maxLength: 9 });
const patterns = fc.uniqueArray(letters, { minLength: 1, maxLength: 8 });
const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "x"), maxLength: 80 });

test("covers what a slow search covers", () => {
  fc.assert(
    fc.property(patterns, text, (all, where) => {
      const found = multiSearch(all).search(where);
      expect(found.map(({ start, end }) => ({ start, end }))).toEqual(oracle(all, where));
      for (const match of found) expect(where.startsWith(all[match.pattern] ?? "?", match.start)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("the open end is where the earliest beginning of a pattern is", () => {
  fc.assert(
    fc.property(patterns, text, (all, where) => {
      const isOpen = (start: number): boolean =>
        all.some((pattern) => pattern.length > where.length - start && pattern.startsWith(where.slice(start)));
      const expected = [...where].findIndex((_, start) => isOpen(start));
      expect(multiSearch(all).openEnd(where)).toBe(expected < 0 ? where.length : expected);
    }),
    { numRuns: 2000 },
  );
});

test("a match at the very start and the very end, and of the longest of two", () => {
  const search = multiSearch(["secret", "secretive", "end"]);
  const expected: Match[] = [
    { start: 0, end: 9, pattern: 1 },
    { start: 10, end: 13, pattern: 2 },
  ];
  expect(search.search("secretive end")).toEqual(expected);
});

test("without patterns there is nothing to find", () => {
  expect(multiSearch([]).search("text")).toEqual([]);
  expect(multiSearch([]).openEnd("text")).toBe(4);
});
