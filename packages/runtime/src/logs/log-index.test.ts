import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appendMark, indexPath, readIndex, thinMarks, writeIndex } from "./log-index.ts";
import { positionSince, timeAt } from "./log-source.ts";
import type { LogSource, Mark } from "./log-source.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "caisson-test-"));
  path = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = (marks: readonly Mark[]): LogSource => ({
  oldest: () => 0,
  end: () => marks.at(-1)?.end ?? 0,
  read: (position) => ({ position, data: Buffer.alloc(0) }),
  marks: () => marks,
  isClosed: () => false,
});

/** Ends grow; times do what clocks do: mostly forward, sometimes an hour back or ahead. */
const history = fc
  .array(fc.record({ step: fc.integer({ min: -3600, max: 3600 }), bytes: fc.integer({ min: 1, max: 50 }) }), {
    maxLength: 40,
  })
  .map((steps) => {
    let time = 1_000_000;
    let end = 0;
    return steps.map(({ step, bytes }) => ({ time: (time += step), end: (end += bytes) }));
  });

test("`since` misses nothing, also when the clock jumped and marks were thinned out", () => {
  fc.assert(
    fc.property(history, fc.integer({ min: -5000, max: 5000 }), (marks, offset) => {
      const wanted = 1_000_000 + offset;
      const starts = [positionSince(source(marks), wanted), positionSince(source(thinMarks(marks)), wanted)];
      marks.forEach((mark, at) => {
        const begin = marks[at - 1]?.end ?? 0;
        if (mark.time >= wanted) for (const start of starts) expect(start).toBeLessThanOrEqual(begin);
      });
    }),
  );
});

test("`since` is exact to a mark on a steady clock", () => {
  const marks = [10, 20, 30].map((time) => ({ time, end: time * 100 }));
  expect([5, 10, 11, 20, 25, 30, 31].map((time) => positionSince(source(marks), time))).toEqual([
    0, 0, 1000, 1000, 2000, 2000, 3000,
  ]);
  expect([0, 999, 1000, 2999, 3000].map((position) => timeAt(marks, position))).toEqual([10, 10, 20, 30, undefined]);
});

test("an index cut off anywhere is read as far as it goes, and goes on after it", () => {
  const marks = [1_700_000_000_001, 1_700_000_001_002, 1_700_000_002_003].map((time, at) => ({
    time,
    end: (at + 1) * 1234,
  }));
  writeIndex(path, { oldStart: 5, oldLength: 7, liveStart: 12, marks: [] });
  for (const mark of marks) appendMark(path, mark);
  const whole = readFileSync(indexPath(path));
  expect(readIndex(path)).toEqual({ oldStart: 5, oldLength: 7, liveStart: 12, marks });
  const next = { time: 1_700_000_009_009, end: 99_999 };
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(indexPath(path), whole.subarray(0, length));
    appendMark(path, next);
    const read = readIndex(path).marks;
    expect(read.at(-1)).toEqual(next);
    expect(marks.slice(0, read.length - 1)).toEqual(read.slice(0, -1));
  }
});

test("a log without an index begins at 0", () => {
  expect(readIndex(path)).toEqual({ oldStart: 0, oldLength: 0, liveStart: 0, marks: [] });
});
