/** Sums of whole numbers from 0 to 2^53 - 1 side by side, exact however large they grow and fast while they are small. */
export interface ExactSums {
  /** What fits a double; each at most 2^53 - 1. */
  readonly low: number[];
  /** What does not; missing while all of it does. */
  high?: bigint[];
}

const large = 2 ** 52;

/** `count` sums of nothing. */
export function exactSums(count: number): ExactSums {
  return { low: Array.from({ length: count }, () => 0) };
}

/** Adds a number to one of the sums; throws a RangeError for one that is not whole. */
export function addTo(sums: ExactSums, index: number, value: number): void {
  const sum = (sums.low[index] ?? 0) + value;
  if (value < large && sum < large && Number.isInteger(value)) {
    sums.low[index] = sum;
    return;
  }
  addHigh(sums, index, BigInt(value));
}

/** Adds others to sums, one to one. */
export function addSums(to: ExactSums, from: ExactSums): void {
  const { low } = from;
  for (let index = 0; index < low.length; index++) {
    const value = low[index] ?? 0;
    if (value !== 0) addTo(to, index, value);
  }
  from.high?.forEach((value, index) => {
    addHigh(to, index, value);
  });
}

/** The sum at a place as decimal digits. */
export function digitsAt({ low, high }: ExactSums, index: number): string {
  const small = low[index] ?? 0;
  return high ? String((high[index] ?? 0n) + BigInt(small)) : String(small);
}

function addHigh(sums: ExactSums, index: number, value: bigint): void {
  sums.high ??= sums.low.map(() => 0n);
  sums.high[index] = (sums.high[index] ?? 0n) + value;
}
