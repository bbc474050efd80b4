import type { LogLine } from "@caisson/runtime";
import { styleText } from "node:util";
import type { Output } from "../context.ts";

/** Prints one log line; awaits the reader where it is slow. */
export type PrintLog = (line: LogLine) => Promise<void>;

/** `names`: the resources that may come, for the width of the prefix. */
export interface LogStyle {
  readonly names: readonly string[];
  readonly prefix: boolean;
  readonly timestamps: boolean;
}

/** Lines as compose prints them: `name  | text`. Pieces of an overlong line are put together again where nothing comes between. */
export function logWriter(out: Output, { names, prefix, timestamps }: LogStyle): PrintLog {
  const width = Math.max(0, ...names.map((name) => name.length));
  let open: string | undefined;
  return async (line) => {
    const source = line.replica === 0 ? line.resource : `${line.resource}.${line.replica + 1}`;
    const continues = open === source;
    const before = open !== undefined && !continues ? "\n" : "";
    const head = continues
      ? ""
      : `${prefix ? label(source, width, out.color) : ""}${timestamps ? `${new Date(line.time).toISOString()} ` : ""}`;
    open = line.partial ? source : undefined;
    if (!out.write(`${before}${head}${line.line}${line.partial ? "" : "\n"}`)) await out.drained();
  };
}

/** One object a line. */
export function logJson(out: Output): PrintLog {
  return async ({ resource, replica, time, line, partial }) => {
    const object = { resource, replica, timestamp: new Date(time).toISOString(), line, partial };
    if (!out.write(`${JSON.stringify(object)}\n`)) await out.drained();
  };
}

const colors = ["cyan", "yellow", "green", "magenta", "blue", "cyanBright", "yellowBright", "greenBright"] as const;

/** A name keeps its colour from one command to the next. */
function label(source: string, width: number, color: boolean): string {
  const text = `${source.padEnd(width)} | `;
  if (!color) return text;
  let sum = 0;
  for (const character of source.replace(/\.\d+$/, "")) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return styleText(colors[sum % colors.length] ?? "cyan", text, { validateStream: false });
}
