import { expect, test } from "vitest";
import { hexSource } from "./hex-source.ts";

test("ids have their length and do not repeat, across fillings of the pool too", () => {
  const hex = hexSource();
  const ids = Array.from({ length: 2000 }, () => hex(16));
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(2000);
});
