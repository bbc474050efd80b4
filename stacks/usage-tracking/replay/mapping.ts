import { CaissonError } from "@caisson/core";

/** How one field of an event is made from a row: the same for all rows, or read from a column. */
export type FieldMapping =
  | { readonly value: unknown }
  | { readonly column: string; readonly as: "text" | "number" | "utc" };

/** How rows become events. Fields are those of an event as it is posted; `event_id` is made from the file itself. */
export interface Mapping {
  readonly format: "csv" | "jsonl";
  readonly fields: Readonly<Record<string, FieldMapping>>;
}

/** A row by column. Cells of a CSV are texts. */
export type Row = Readonly<Record<string, unknown>>;

const kinds = ["text", "number", "utc"] as const;

/** Reads a mapping as it lies in a file. Throws E_VALUE with the place of the first thing that is wrong. */
export function readMapping(text: string, path: string): Mapping {
  const wrong = (where: string, expected: string): CaissonError =>
    new CaissonError("E_VALUE", `${path}${where}: expected ${expected}`);
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new CaissonError("E_VALUE", `${path}: expected JSON, got ${String(error)}`, { cause: error });
  }
  if (!isObject(input)) throw wrong("", "an object with format and fields");
  const { format, fields } = input;
  if (format !== "csv" && format !== "jsonl") throw wrong("/format", '"csv" or "jsonl"');
  if (!isObject(fields)) throw wrong("/fields", "an object");
  const entries = Object.entries(fields).map(([name, field]): [string, FieldMapping] => {
    const where = `/fields/${name}`;
    if (name === "event_id") throw wrong(where, "no event_id: it is made from the file");
    if (!isObject(field)) throw wrong(where, '{ "value": ... } or { "column": ..., "as": ... }');
    if (Object.hasOwn(field, "value")) return [name, { value: field["value"] }];
    const as = kinds.find((kind) => kind === (field["as"] ?? "text"));
    if (typeof field["column"] !== "string") throw wrong(`${where}/column`, "a column's name");
    if (as === undefined) throw wrong(`${where}/as`, kinds.map((kind) => `"${kind}"`).join(" or "));
    return [name, { column: field["column"], as }];
  });
  return { format, fields: Object.fromEntries(entries) };
}

/** The event of a row. A cell that is empty or missing leaves its field out; what a cell says wrongly, the gateway tells. */
export function eventOf(mapping: Mapping, row: Row, id: string): Record<string, unknown> {
  const event: Record<string, unknown> = { event_id: id };
  for (const [name, field] of Object.entries(mapping.fields)) {
    const value = "value" in field ? field.value : cellOf(row[field.column], field.as);
    if (value !== undefined) event[name] = value;
  }
  return event;
}

function cellOf(cell: unknown, as: "text" | "number" | "utc"): unknown {
  if (cell === undefined || cell === null || cell === "") return undefined;
  if (as === "number")
    return typeof cell === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(cell) ? Number(cell) : cell;
  // 2023-11-16 18:15:46.6805900 -> 2023-11-16T18:15:46.6805900Z
  return as === "utc" ? `${String(cell).replace(" ", "T")}Z` : String(cell);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
