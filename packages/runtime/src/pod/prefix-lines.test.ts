import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { longestLineBytes, splitLines } from "../logs/split-lines.ts";
import { prefixLines } from "./prefix-lines.ts";

test("every piece that a reader of the log gets of a long line says whose it is", async () => {
  const stream = prefixLines("users");
  const written = text(stream);
  stream.end(`${"x".repeat(100_000)}\nshort\nunended`);
  const { pieces } = splitLines(Buffer.from(await written), longestLineBytes);
  expect(pieces.map((piece) => piece.text.slice(0, 8))).toEqual(["users | ", "users | ", "users | ", "users | "]);
  expect(pieces.some(({ partial }) => partial)).toBe(false);
  const lines = pieces.map((piece) => piece.text.slice(8));
  expect([lines.slice(0, 2).join(""), ...lines.slice(2)]).toEqual(["x".repeat(100_000), "short", "unended"]);
});
