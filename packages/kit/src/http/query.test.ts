import { Type } from "typebox";
import { expect, test } from "vitest";
import { decodeTexts } from "./query.ts";

const properties = {
  limit: Type.Integer(),
  name: Type.String(),
  all: Type.Boolean(),
  tags: Type.Array(Type.Integer()),
  order: Type.Union([Type.Literal("up"), Type.Literal("down")], { default: "up" }),
  maybe: Type.Union([Type.String(), Type.Null()]),
};

test.each<[Record<string, unknown>, Record<string, unknown>]>([
  [
    { limit: "10", name: "10", all: "true" },
    { limit: 10, name: "10", all: true, order: "up" },
  ],
  [{ limit: "ten" }, { limit: "ten", order: "up" }],
  [{ limit: "" }, { limit: "", order: "up" }],
  [{ limit: "1e3" }, { limit: 1000, order: "up" }],
  [{ limit: ["1", "2"] }, { limit: ["1", "2"], order: "up" }],
  [{ tags: "1" }, { tags: [1], order: "up" }],
  [{ tags: ["1", "2"] }, { tags: [1, 2], order: "up" }],
  [
    { order: "down", unknown: "1" },
    { order: "down", unknown: "1" },
  ],
  [{ limit: "[1]" }, { limit: "[1]", order: "up" }],
  [{ ["__proto__"]: ["x", "y"] }, { ["__proto__"]: ["x", "y"], order: "up" }],
])("%j", (texts, values) => {
  expect(decodeTexts(properties, texts)).toEqual(values);
});
