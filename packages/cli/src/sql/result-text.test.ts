import { expect, test } from "vitest";
import { resultText } from "./result-text.ts";

const out = { isTTY: false, color: false, size: () => ({ columns: 80, rows: 24 }) };
const one = (type: number, value: string | null) => ({
  command: "SELECT",
  rowCount: 1,
  columns: [{ name: "v", type }],
  rows: [[value]],
});

// Types by their numbers: int8 20, int4 23, float8 701, numeric 1700, bool 16, jsonb 3802, text 25, timestamptz 1184.
test.each([
  [23, "7", "7"],
  [20, "9007199254740991", "9007199254740991"],
  [20, "9007199254740993", '"9007199254740993"'],
  [1700, "2.50", "2.5"],
  [1700, "0.10", "0.1"],
  [1700, "100", "100"],
  [1700, "0.1234567890123456789", '"0.1234567890123456789"'],
  [1700, "NaN", '"NaN"'],
  [701, "1e-07", '"1e-07"'],
  [701, "0.5", "0.5"],
  [701, "Infinity", '"Infinity"'],
  [16, "t", "true"],
  [16, "f", "false"],
  [3802, '{"a":[1]}', '{"a":[1]}'],
  [25, "7", '"7"'],
  [1184, "2026-05-01 10:00:00+00", '"2026-05-01 10:00:00+00"'],
  [25, null, "null"],
])("type %i, %j is %s in JSON", (type, value, json) => {
  expect(resultText([one(type, value)], "jsonl", out)).toBe(`{"v":${json}}\n`);
});

test("several results follow each other; what returns no rows tells its command", () => {
  const done = { command: "INSERT", rowCount: 3, columns: [], rows: [] };
  const none = { command: "SELECT", rowCount: 0, columns: [{ name: "a", type: 25 }], rows: [] };
  const set = { command: "SET", rowCount: null, columns: [], rows: [] };
  expect(resultText([done, none, set], "table", out)).toBe("INSERT 3\na\n(0 rows)\nSET\n");
});
