/** What a column asks of the line. `natural`: the width of its content; 0 where it has none and is left out. */
export interface Share {
  readonly natural: number;
  /** May be cut down to this. Absent: not cut. */
  readonly min?: number;
  /** Leaves when there is no room, the lowest first. Absent: stays. */
  readonly drop?: number;
}

/** Width between two columns. */
export const gap = 2;

/**
 * Widths of the columns of a line that may be `limit` wide; 0 = left out. Columns are cut to their `min`; where that is
 * not enough, whole columns leave, so that those that stay can be read; what room is left is given back from the left.
 */
export function fitColumns(shares: readonly Share[], limit: number): number[] {
  const least = shares.map(({ natural, min }) => Math.min(natural, min ?? natural));
  const dropped = shares.map(({ natural }) => natural === 0);
  const order = shares
    .map(({ drop }, index) => ({ index, drop }))
    .filter(({ drop }) => drop !== undefined)
    .sort((a, b) => (a.drop ?? 0) - (b.drop ?? 0));
  for (const { index } of order) {
    if (lineWidth(least, dropped) <= limit) break;
    dropped[index] = true;
  }
  // A terminal this narrow shows the beginning of a line.
  for (let index = shares.length - 1; index > 0 && lineWidth(least, dropped) > limit; index--) dropped[index] = true;
  const widths = least.map((width, index) => (dropped[index] === true ? 0 : Math.min(width, Math.max(1, limit))));
  for (const [index, { natural }] of shares.entries()) {
    const width = widths[index] ?? 0;
    const room = limit - lineWidth(widths, dropped);
    if (width > 0 && room > 0) widths[index] = Math.min(natural, width + room);
  }
  return widths;
}

function lineWidth(widths: readonly number[], dropped: readonly boolean[]): number {
  const shown = widths.filter((_, index) => dropped[index] !== true);
  return shown.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, shown.length - 1);
}
