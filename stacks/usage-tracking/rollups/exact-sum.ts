/** A sum of whole numbers from 0 to 2^53 - 1 that is exact however large it grows, and fast while it is small. */
export interface ExactSum {
  /** What fits a double; at most 2^53 - 1. */
  low: number;
  high: bigint;
}

const large = 2 ** 52;

/** A sum of nothing. */
export function exactSum(): ExactSum {
  return { low: 0, high: 0n };
}

/** Adds a number; throws a RangeError for one that is not whole. */
export function addTo(sum: ExactSum, value: number): void {
  if (value >= large || !Number.isInteger(value)) {
    sum.high += BigInt(value);
    return;
  }
  sum.low += value;
  if (sum.low < large) return;
  sum.high += BigInt(sum.low);
  sum.low = 0;
}

/** Adds another sum. */
export function addSum(sum: ExactSum, other: ExactSum): void {
  sum.high += other.high;
  addTo(sum, other.low);
}

/** The value of a sum. */
export function valueOf({ low, high }: ExactSum): bigint {
  return high + BigInt(low);
}
