/** Where a series goes. */
export interface Trend {
  readonly direction: "up" | "down" | "stable";
  /** Of the second half against the first, in percent, to two places; null where the first half was nothing. */
  readonly percentage_change: number | null;
}

/** The trend of values of equal weight; of an odd number of them the middle one is in neither half. Stable: within 5 %. */
export function trendOf(values: readonly bigint[]): Trend {
  const half = Math.floor(values.length / 2);
  const first = sum(values.slice(0, half));
  const second = sum(values.slice(values.length - half));
  const change = second - first;
  const size = change < 0n ? -change : change;
  const direction = size * 20n <= first ? "stable" : change > 0n ? "up" : "down";
  return { direction, percentage_change: changeOf(first, second) };
}

/** The change from one number to another in percent, to two places; 0 from nothing to nothing, null from nothing. */
export function changeOf(before: bigint, after: bigint): number | null {
  if (before === 0n) return after === 0n ? 0 : null;
  const change = after - before;
  // Hundredths of a percent, half away from zero.
  const [sign, size] = change < 0n ? [-1, -change] : [1, change];
  return (sign * Number((size * 20_000n + before) / (2n * before))) / 100;
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((all, value) => all + value, 0n);
}
