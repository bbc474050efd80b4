import { CaissonError } from "../errors/caisson-error.ts";

/** A duration: a number with `ms`, `s`, `m`, `h` or `d` (`"500ms"`, `"1.5h"`), as compose-spec writes them. */
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** A size: a number with `B`, `KB`, `MB` or `GB`; powers of 1024, as Docker and PostgreSQL count. */
export type Size = `${number}${"B" | "KB" | "MB" | "GB"}`;

type Units = ReadonlyMap<string, number>;

const durationUnits: Units = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);
const sizeUnits: Units = new Map([
  ["B", 1],
  ["KB", 1024],
  ["MB", 1024 ** 2],
  ["GB", 1024 ** 3],
]);

/** Milliseconds of a duration. Throws E_VALUE for anything that is not one. */
export function toMs(duration: Duration): number {
  return quantity(duration, durationUnits, 'a duration such as "500ms", "30s" or "2h"');
}

/** Bytes of a size. Throws E_VALUE for anything that is not one. */
export function toBytes(size: Size): number {
  return Math.floor(quantity(size, sizeUnits, 'a size such as "512MB" or "2GB"'));
}

function quantity(text: string, units: Units, expected: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(String(text));
  const unit = units.get(match?.[2] ?? "");
  if (match === null || unit === undefined) {
    throw new CaissonError("E_VALUE", `expected ${expected}, got ${JSON.stringify(text)}`);
  }
  return Number(match[1]) * unit;
}
