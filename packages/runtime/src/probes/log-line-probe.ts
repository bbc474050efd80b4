import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { CaissonError } from "@caisson/core/run";
import { splitLines } from "../logs/split-lines.ts";
import type { Attempt, LogLineProbe } from "./probe-spec.ts";

const chunkBytes = 64 << 10;

/** Reads only what was added since the last attempt; a line without its end is matched as well, and again once it ends. */
export function logLineAttempt(spec: LogLineProbe): Attempt {
  const pattern = compile(spec.pattern);
  let offset = spec.from ?? 0;
  let rest: Buffer = Buffer.alloc(0);
  let found: string | undefined;
  const look = (fd: number): void => {
    // rotated, or emptied: what is there now has not been seen
    if (fstatSync(fd).size < offset) [offset, rest] = [0, Buffer.alloc(0)];
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
      const length = readSync(fd, buffer, 0, chunkBytes, offset);
      const split = splitLines(Buffer.concat([rest, buffer.subarray(0, length)]), chunkBytes);
      const lines = [...split.pieces.map((piece) => piece.text), split.rest.toString("utf8")];
      found = lines.find((line) => pattern.test(line));
      offset += length;
      rest = split.rest;
      if (length === 0 || found !== undefined) return;
    }
  };
  return async () => {
    if (found === undefined) withFile(spec.file, look);
    return found === undefined
      ? { ok: false, detail: `no line of the log matches ${pattern} yet` }
      : { ok: true, detail: `the log says: ${found.trim().slice(0, 200)}` };
  };
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    const got = JSON.stringify(pattern);
    throw new CaissonError("E_VALUE", `expected a regular expression for a log line, got ${got}`, { cause: error });
  }
}

function withFile(path: string, action: (fd: number) => void): void {
  const fd = openSync(path, "r");
  try {
    action(fd);
  } finally {
    closeSync(fd);
  }
}
