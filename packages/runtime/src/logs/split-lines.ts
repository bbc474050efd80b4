/** A piece of text: a whole line, or a part of one. */
export interface LinePiece {
  /** UTF-8 without the line end; bytes that are not UTF-8 read as U+FFFD. */
  readonly text: string;
  /** Bytes it takes in the log, its line end included. */
  readonly length: number;
  /** True when the line goes on in the next piece, or is not ended yet. */
  readonly partial: boolean;
}

/** Who reads a log gets longer lines in pieces. */
export const longestLineBytes = 64 << 10;

const lineFeed = 0x0a;

/**
 * Cuts bytes at line ends, and lines longer than `maxBytes` into pieces. What remains without a line end is not returned:
 * the caller keeps it (it is shorter than `maxBytes`) and puts it before the next bytes.
 */
export function splitLines(bytes: Buffer, maxBytes: number): { pieces: LinePiece[]; rest: Buffer } {
  const pieces: LinePiece[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf(lineFeed, at);
    const stop = lineEnd < 0 ? bytes.length : lineEnd;
    while (stop - at > maxBytes) {
      const cut = cutBefore(bytes, at, at + maxBytes);
      pieces.push(piece(bytes.subarray(at, cut), true));
      at = cut;
    }
    if (lineEnd < 0) return { pieces, rest: bytes.subarray(at) };
    pieces.push({ ...piece(bytes.subarray(at, lineEnd), false), length: lineEnd + 1 - at });
    at = lineEnd + 1;
  }
}

/** A line end that has not come (yet). */
export function unendedPiece(rest: Buffer): LinePiece {
  return piece(rest, true);
}

function piece(bytes: Buffer, partial: boolean): LinePiece {
  return { text: bytes.toString("utf8"), length: bytes.length, partial };
}

/** A place at or shortly before `cut` that does not divide a character. */
function cutBefore(bytes: Buffer, start: number, cut: number): number {
  for (let at = cut; at > cut - 4 && at > start; at -= 1) {
    // 10xxxxxx continues a character
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return cut;
}
