import { stripVTControlCharacters } from "node:util";
import { width } from "../render/width.ts";

/** A terminal as far as the live table uses one: wraps long lines, moves up, clears to the end of a line or the screen. */
export interface Screen {
  readonly write: (text: string | Uint8Array) => boolean;
  /** What stands on it, colours left out, empty lines at the end too. */
  readonly lines: () => readonly string[];
  resize: (columns: number) => void;
}

export function screen(columns: number): Screen {
  let rows: string[] = [""];
  let row = 0;
  let column = 0;
  let size = columns;
  const put = (text: string): void => {
    for (const character of text) {
      if (column >= size) [row, column] = [row + 1, 0];
      while (rows.length <= row) rows.push("");
      const line = (rows[row] ?? "").padEnd(column);
      rows[row] = line.slice(0, column) + character + line.slice(column + 1);
      column += width(character);
    }
  };
  const act = (code: string, count: number): void => {
    if (code === "A") row = Math.max(0, row - count);
    if (code === "K") rows[row] = (rows[row] ?? "").slice(0, column);
    if (code === "J") rows = [...rows.slice(0, row), (rows[row] ?? "").slice(0, column)];
  };
  return {
    write(text) {
      const whole = typeof text === "string" ? text : Buffer.from(text).toString();
      for (const part of whole.split(escapes)) {
        const found = escape.exec(part);
        if (found) act(found[2] ?? "", Number(found[1]) || 1);
        else if (part === "\r") column = 0;
        else if (part === "\n") [row, column] = [row + 1, 0];
        else put(stripVTControlCharacters(part));
        while (rows.length <= row) rows.push("");
      }
      return true;
    },
    lines: () => rows.map((line) => line.trimEnd()),
    resize(next) {
      // A real one wraps what stands on it; rows above the cursor that are too long take more than one.
      const wrapped = rows.slice(0, row).flatMap((line) => chunks(line, next));
      rows = [...wrapped, ...rows.slice(row)];
      row = wrapped.length;
      size = next;
    },
  };
}

// Written so, as a control character in a pattern's text is taken for a slip.
const esc = String.fromCodePoint(27);
const escapes = new RegExp(`(${esc}\\[[\\d;?]*[A-Za-z]|[\\r\\n])`);
const escape = new RegExp(`^${esc}\\[(\\??\\d*)[\\d;]*([A-Za-z])$`);

function chunks(line: string, size: number): string[] {
  const parts = line.trimEnd().match(new RegExp(`.{1,${size}}`, "gu"));
  return parts ?? [""];
}
