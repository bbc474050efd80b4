import { Transform } from "node:stream";
import { splitLines, unendedPiece, type LinePiece } from "../logs/split-lines.ts";

/** A longer line is written in pieces, each as a line. */
const longestBytes = 64 * 1024;

/** Puts `NAME | ` before each line, so that a log that several share tells them apart. */
export function prefixLines(name: string): Transform {
  let rest: Buffer = Buffer.alloc(0);
  const written = (pieces: readonly LinePiece[]): string => pieces.map(({ text }) => `${name} | ${text}\n`).join("");
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
