import type { Output } from "../context.ts";
import { fitColumns, gap } from "./fit.ts";
import { tint, type Tone } from "./style.ts";
import { oneLine, pad, truncate, width } from "./width.ts";

/** A cell: a text, with a tone if it has one. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** A column without content is left out, unless it is to be kept. `min`, `drop`: as {@link fitColumns} takes them. */
export interface Column {
  readonly title: string;
  readonly keep?: boolean;
  /** Width it has even where its content needs less: a table that is redrawn should not jump. */
  readonly atLeast?: number;
  readonly align?: "left" | "right";
  readonly min?: number;
  readonly drop?: number;
}

/** `columns`: the width to fit into; absent: as wide as it gets (a pipe). */
export interface TableOptions {
  readonly color: boolean;
  readonly columns?: number;
}

/** Lines of a table, its head first. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { color, columns: limit }: TableOptions,
): string[] {
  const texts = rows.map((row) => columns.map((_, index) => oneLine(textOf(row[index]))));
  const shares = columns.map(({ title, keep, min, drop, atLeast = 0 }, index) => {
    const content = Math.max(0, ...texts.map((row) => width(row[index] ?? "")));
    const natural = content === 0 && keep !== true ? 0 : Math.max(content, width(title), atLeast);
    return { natural, ...(min !== undefined && { min }), ...(drop !== undefined && { drop }) };
  });
  const widths = limit === undefined ? shares.map(({ natural }) => natural) : fitColumns(shares, limit);
  const last = widths.findLastIndex((each) => each > 0);
  const line = (cells: readonly string[], tones: readonly Tone[]): string =>
    widths
      .flatMap((columnWidth, index) => {
        if (columnWidth === 0) return [];
        const shown = tint(truncate(cells[index] ?? "", columnWidth), tones[index] ?? "plain", color);
        const { align } = columns[index] ?? {};
        return [index === last && align !== "right" ? shown : pad(shown, columnWidth, align)];
      })
      .join(" ".repeat(gap))
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  const head = line(
    titles,
    titles.map(() => "dim"),
  );
  return [
    head,
    ...texts.map((row, at) =>
      line(
        row,
        columns.map((_, index) => toneOf(rows[at]?.[index])),
      ),
    ),
  ];
}

/** As wide as the terminal; in a pipe as wide as it gets. */
export function fitting(out: Pick<Output, "isTTY" | "color" | "size">): TableOptions {
  return { color: out.color, ...(out.isTTY && { columns: out.size().columns }) };
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  return typeof cell === "string" ? cell : cell.text;
}

function toneOf(cell: Cell | undefined): Tone {
  return cell === undefined || typeof cell === "string" ? "plain" : cell.tone;
}
