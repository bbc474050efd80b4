import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine, pad, truncate, width } from "./width.ts";

test.each([
  ["", 0],
  ["abc", 3],
  ["\u001b[31mred\u001b[0m", 3],
  ["数据", 4],
  ["é", 1],
  ["e\u0301", 1],
  ["🚀", 2],
  ["…", 1],
])("%j takes %i columns", (text, columns) => expect(width(text)).toBe(columns));

test("a text that is cut ends in an ellipsis and fits", () => {
  expect(truncate("abcdef", 4)).toBe("abc…");
  expect(truncate("数据库", 4)).toBe("数…");
  expect(truncate("abc", 3)).toBe("abc");
  expect(truncate("abc", 0)).toBe("");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (text, columns) => {
      expect(width(truncate(oneLine(text), columns))).toBeLessThanOrEqual(columns);
    }),
  );
});

test("padding counts columns, not characters", () => {
  expect(pad("数", 4)).toBe("数  ");
  expect(pad("7", 3, "right")).toBe("  7");
});

test("a program's words become one printable line", () => {
  expect(oneLine("  a\r\n\tb\u0007c \u001b[2Jd ")).toBe("a b c d");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/\p{Cc}/u.test(oneLine(text))));
});
