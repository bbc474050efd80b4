import type { Output } from "../context.ts";
import { fitting, tableLines } from "../render/table.ts";
import type { SqlResult } from "./client.ts";

/** Results as a table each, as one document `{"results": [...]}`, or with `jsonl` a row a line. */
export function resultText(
  results: readonly SqlResult[],
  format: "table" | "json" | "jsonl",
  out: Pick<Output, "isTTY" | "color" | "size">,
): string {
  if (format === "jsonl")
    return results
      .flatMap(rowObjects)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join("");
  if (format === "table") return results.map((result) => tableText(result, out)).join("");
  const documents = results.map((result) => ({
    command: result.command,
    rowCount: result.rowCount,
    columns: result.columns.map(({ name }) => name),
    rows: rowObjects(result),
  }));
  return `${JSON.stringify({ results: documents }, null, 2)}\n`;
}

function tableText(
  { command, rowCount, columns, rows }: SqlResult,
  out: Pick<Output, "isTTY" | "color" | "size">,
): string {
  if (columns.length === 0) return `${command}${rowCount === null ? "" : ` ${rowCount}`}\n`;
  const lines = tableLines(
    columns.map(({ name, type }) => ({ title: name, align: numeric.has(type) ? "right" : "left", min: 8, keep: true })),
    rows.map((row) => row.map((value) => value ?? { text: "null", tone: "dim" })),
    fitting(out),
  );
  return `${lines.join("\n")}\n(${rows.length} ${rows.length === 1 ? "row" : "rows"})\n`;
}

function rowObjects({ columns, rows }: SqlResult): Record<string, unknown>[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, index) => [name, jsonValue(type, row[index] ?? null)])),
  );
}

// Types by their numbers in pg_type: int8, int2, int4, oid, float4, float8, numeric.
const numeric: ReadonlySet<number> = new Set([20, 21, 23, 26, 700, 701, 1700]);
const bool = 16;
const json: ReadonlySet<number> = new Set([114, 3802]);

/** A number that JSON's readers would round stays a text. */
function jsonValue(type: number, text: string | null): unknown {
  if (text === null) return null;
  if (type === bool) return text === "t";
  if (json.has(type)) return JSON.parse(text) as unknown;
  if (!numeric.has(type)) return text;
  const number = Number(text);
  const shortest = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  const exact = Number.isSafeInteger(number) || (Number.isFinite(number) && String(number) === shortest);
  return exact ? number : text;
}
