import { stripVTControlCharacters } from "node:util";

/** Columns a text takes on a terminal: colours none, wide characters two, combining marks none. */
export function width(text: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) columns += characterWidth(character);
  return columns;
}

/** The text in at most `columns` columns; what is cut is shown by an ellipsis. The text bears no colours. */
export function truncate(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  if (columns < 1) return "";
  let kept = "";
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The text filled with spaces to `columns`. */
export function pad(text: string, columns: number, align: "left" | "right" = "left"): string {
  const fill = " ".repeat(Math.max(0, columns - width(text)));
  return align === "left" ? text + fill : fill + text;
}

/** One line of printable text: a program's words may hold newlines, colours and worse. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\s*\p{Cc}+\s*/gu, " ")
    .trim();
}

// East Asian wide and emoji blocks, as far as terminals agree on them.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

function characterWidth(character: string): number {
  if (/^[ -~]$/.test(character)) return 1;
  if (/^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
