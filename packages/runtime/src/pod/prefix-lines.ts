import { Transform } from "node:stream";
import { memberPrefix } from "@caisson/core/run";
import { longestLineBytes, splitLines, unendedPiece, type LinePiece } from "../logs/split-lines.ts";

/**
 * Puts `NAME | ` before each line, so that a log that several share tells them apart. A line that would be too long with it
 * is written in pieces, each as a line.
 */
export function prefixLines(name: string): Transform {
  const prefix = memberPrefix(name);
  const longestBytes = longestLineBytes - Buffer.byteLength(prefix);
  let rest: Buffer = Buffer.alloc(0);
  const written = (pieces: readonly LinePiece[]): string => pieces.map(({ text }) => `${prefix}${text}\n`).join("");
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const split = splitLines(Buffer.concat([rest, chunk]), longestBytes);
      rest = split.rest;
      done(null, written(split.pieces));
    },
    flush(done) {
      done(null, rest.length === 0 ? "" : written([unendedPiece(rest)]));
    },
  });
}
