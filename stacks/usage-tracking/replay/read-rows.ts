import { CaissonError } from "@caisson/core";
import type { Row } from "./mapping.ts";

/** Rows of CSV text (RFC 4180, the first record names the columns), as it comes in. */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<Row> {
  let columns: readonly string[] | undefined;
  let number = 0;
  for await (const cells of records(chunks)) {
    number++;
    if (columns === undefined) {
      columns = cells;
      continue;
    }
    if (cells.length === 1 && cells[0] === "") continue; // an empty line
    if (cells.length !== columns.length) {
      throw new CaissonError("E_VALUE", `record ${number}: expected ${columns.length} cells, got ${cells.length}`);
    }
    yield Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
  }
}

/** Rows of text with one JSON object a line. */
export async function* readJsonl(chunks: AsyncIterable<string>): AsyncGenerator<Row> {
  let rest = "";
  let number = 0;
  const parse = (line: string): Row[] => {
    number++;
    if (line.trim() === "") return [];
    try {
      const row: unknown = JSON.parse(line);
      if (typeof row === "object" && row !== null && !Array.isArray(row)) return [row as Row];
    } catch {
      // reported below, with the line's number
    }
    throw new CaissonError("E_VALUE", `line ${number}: expected a JSON object, got ${line.slice(0, 60)}`);
  };
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield* parse(line);
  }
  yield* parse(rest);
}

/** Records of CSV text. A line feed ends one unless it is inside quotes; a quote inside quotes is doubled. */
async function* records(chunks: AsyncIterable<string>): AsyncGenerator<string[]> {
  let cells: string[] = [];
  let cell = "";
  let state: "plain" | "quoted" | "quote" = "plain";
  for await (const chunk of chunks) {
    for (const mark of chunk) {
      if (state === "quoted") {
        if (mark === '"') state = "quote";
        else cell += mark;
      } else if (mark === '"') {
        if (state === "quote") cell += mark;
        state = "quoted";
      } else if (mark === ",") {
        cells.push(cell);
        cell = "";
        state = "plain";
      } else if (mark === "\n") {
        yield [...cells, cell];
        [cells, cell, state] = [[], "", "plain"];
      } else if (mark !== "\r") cell += mark;
    }
  }
  if (state === "quoted") throw new CaissonError("E_VALUE", "expected a closing quote, got the end of the file");
  if (cell !== "" || cells.length > 0) yield [...cells, cell];
}
