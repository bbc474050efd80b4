/** Most units of one event: with six decimals still a whole number that a double holds. */
export const mostUnits = 1_000_000_000;

/**
 * The billable units of a custom event in millionths: the number in its `metrics.units`, rounded half up. Anything but a
 * number from 0 to {@link mostUnits} counts as nothing. Digits are read from the number's text, as PostgreSQL does: a
 * product of doubles would round some halves the other way.
 */
export function customUnits(value: unknown): number {
  if (typeof value !== "number" || !(value >= 0 && value <= mostUnits)) return 0;
  if (Number.isInteger(value)) return value * 1e6;
  const text = String(value);
  if (text.includes("e")) return value >= 5e-7 ? 1 : 0; // below a millionth
  const [whole = "", decimals = ""] = text.split(".");
  const up = (decimals[6] ?? "0") >= "5" ? 1 : 0;
  return Number(whole) * 1e6 + Number(decimals.slice(0, 6).padEnd(6, "0")) + up;
}
