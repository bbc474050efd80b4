import fc from "fast-check";
import { expect, test } from "vitest";
import { builtInMappings } from "./built-in-mappings.ts";
import { readArguments } from "./arguments.ts";
import { eventOf, readMapping, type Row } from "./mapping.ts";
import { createProgress } from "./progress.ts";
import { readCsv, readJsonl } from "./read-rows.ts";
import { createRowIds } from "./row-ids.ts";

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

test("CSV rows come out as they were written, wherever the chunks are cut", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r\n", " ", "1") });
  const table = fc.tuple(
    fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { maxLength: 8 }),
    fc.integer({ min: 1, max: 9 }),
  );
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom("\n", "\r\n"), fc.boolean(), async ([rows, size], newline, lastNewline) => {
      const quoted = rows.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(","));
      const text = ["x,y", ...quoted].join(newline) + (lastNewline ? newline : "");
      const read = await Array.fromAsync(readCsv(pieces(text, size)));
      expect(read.map((row) => [row["x"], row["y"]])).toEqual(rows);
    }),
  );
});

test("a record of another width, an open quote and a line that is no object are refused with their place", async () => {
  await expect(Array.fromAsync(readCsv(pieces("a,b\n1,2\n3\n", 4)))).rejects.toThrow(
    "record 3: expected 2 cells, got 1",
  );
  await expect(Array.fromAsync(readCsv(pieces('a,b\n"1,2\n', 4)))).rejects.toThrow("closing quote");
  await expect(Array.fromAsync(readJsonl(pieces('{"a":1}\n[1]\n', 4)))).rejects.toThrow(
    "line 2: expected a JSON object",
  );
  expect(await Array.fromAsync(readJsonl(pieces('{"a":1}\r\n\n{"a":2}', 3)))).toEqual([{ a: 1 }, { a: 2 }]);
});

test("ids depend on everything before a row and nothing after it", () => {
  const rows = fc.array(fc.record({ a: fc.string(), b: fc.nat() }), { minLength: 1, maxLength: 10 });
  const idsOf = (list: readonly Row[], source = ""): string[] => list.map(createRowIds(source));
  fc.assert(
    fc.property(rows, rows, (first, more) => {
      const ids = idsOf(first);
      expect(new Set(ids).size).toBe(first.length);
      expect(idsOf([...first, ...more]).slice(0, first.length)).toEqual(ids);
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(idsOf(first, "other")).not.toEqual(ids);
      expect(idsOf([{ a: "before" }, ...first]).slice(1)).not.toEqual(ids);
    }),
  );
});

test("a row of the trace becomes an LLM event", () => {
  const mapping = builtInMappings["azure-llm-trace"];
  if (!mapping) throw new Error("expected the mapping");
  const row = { TIMESTAMP: "2023-11-16 18:15:46.6805900", ContextTokens: "374", GeneratedTokens: "44" };
  expect(eventOf(mapping, row, "id")).toEqual({
    event_id: "id",
    timestamp: "2023-11-16T18:15:46.6805900Z",
    service_type: "llm_service",
    service_provider: "azure",
    model: "unknown",
    input_tokens: 374,
    output_tokens: 44,
  });
  expect(eventOf(mapping, { ContextTokens: "many", GeneratedTokens: "" }, "id")).toMatchObject({
    input_tokens: "many",
  });
});

test.each([
  ["no JSON", "{", "expected JSON"],
  ["no object", "[]", "m.json: expected an object"],
  ["no format", "{}", "m.json/format"],
  ["no fields", '{"format":"csv"}', "m.json/fields"],
  ["an id", '{"format":"csv","fields":{"event_id":{"value":1}}}', "m.json/fields/event_id"],
  ["no column", '{"format":"csv","fields":{"a":{"as":"text"}}}', "m.json/fields/a/column"],
  ["an unknown kind", '{"format":"csv","fields":{"a":{"column":"b","as":"date"}}}', "m.json/fields/a/as"],
])("a mapping with %s is refused with its place", (_name, text, message) => {
  expect(() => readMapping(text, "m.json")).toThrow(message);
});

test.each([
  [[], "one FILE"],
  [["a.csv"], "--mapping, --url, --key-file"],
  [["a.csv", "--mapping", "m", "--url", "x", "--key-file", "k"], "a URL"],
  [["a.csv", "--mapping", "m", "--url", "http://x", "--key-file", "k", "--batch", "1001"], "--batch from 1 to 1000"],
  [["a.csv", "--key", "secret"], "Unknown option"],
])("arguments %j are refused with the usage", (args, message) => {
  expect(() => readArguments(args)).toThrow(message);
  expect(() => readArguments(args)).toThrow("usage:");
});

test("progress is one line on a terminal and silence elsewhere", () => {
  let time = 0;
  let text = "";
  const write = (part: string): void => void (text += part);
  const shown = createProgress({ isTTY: true, columns: 80, write }, () => time);
  shown.update(0, 0);
  time = 50;
  shown.update(0.25, 10); // too soon after the last one
  time = 1000;
  shown.update(0.5, 1000);
  shown.end();
  expect(
    text
      .split("\r")
      .slice(1)
      .map((line) => line.slice(0, 60).trimEnd()),
  ).toEqual(
    [
      "[----------------------------------------]   0 %  0 events  0",
      "[####################--------------------]  50 %  1000 event",
    ].map((line) => line.slice(0, 60).trimEnd()),
  );
  expect(text.endsWith("\n")).toBe(true);
  text = "";
  const silent = createProgress({ write }, () => time);
  silent.update(1, 1);
  silent.end();
  expect(text).toBe("");
});
