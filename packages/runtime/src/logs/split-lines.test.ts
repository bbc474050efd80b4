import fc from "fast-check";
import { expect, test } from "vitest";
import { splitLines, unendedPiece } from "./split-lines.ts";
import type { LinePiece } from "./split-lines.ts";

/** As a reader does it: chunk by chunk, the rest put before the next. */
function splitAll(chunks: readonly Buffer[], maxBytes: number): LinePiece[] {
  const all: LinePiece[] = [];
  let rest = Buffer.alloc(0);
  for (const chunk of chunks) {
    const split = splitLines(Buffer.concat([rest, chunk]), maxBytes);
    all.push(...split.pieces);
    rest = Buffer.from(split.rest);
  }
  if (rest.length > 0) all.push(unendedPiece(rest));
  return all;
}

/** Few different bytes, so that line ends and characters of several bytes are frequent. */
const bytes = fc
  .array(fc.constantFrom("\n", "a", "ü", "€", "😀", "\r", "\0"), { maxLength: 60 })
  .map((parts) => Buffer.from(parts.join("")));

test("whatever the chunks, the same lines come out", () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(60), { maxLength: 5 }), (whole, cuts) => {
      const edges = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
      const chunks = edges.slice(1).map((edge, at) => whole.subarray(edges[at], edge));
      const pieces = splitAll(chunks, 1000);
      const text = whole.toString("utf8");
      const lines = text.split("\n");
      expect(pieces.map((piece) => piece.text)).toEqual(lines.at(-1) === "" ? lines.slice(0, -1) : lines);
      expect(pieces.map((piece) => piece.partial)).toEqual(pieces.map((_, at) => at === lines.length - 1));
    }),
  );
});

test("long lines come in bounded pieces that divide no character and lose nothing", () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 4, max: 9 }), (whole, maxBytes) => {
      const pieces = splitAll([whole], maxBytes);
      const joined = pieces.map((piece) => piece.text + (piece.partial ? "" : "\n")).join("");
      expect(joined).toBe(whole.toString("utf8"));
      for (const piece of pieces) expect(Buffer.byteLength(piece.text)).toBeLessThanOrEqual(maxBytes);
    }),
  );
});

test("arbitrary bytes are accounted for to the last one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0x0a, 0x80, 0xff, 0x61, 0xe2, 0), { maxLength: 100 }),
      fc.integer({ min: 1, max: 9 }),
      (whole, maxBytes) => {
        const pieces = splitAll([Buffer.from(whole)], maxBytes);
        expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(whole.length);
      },
    ),
  );
});
