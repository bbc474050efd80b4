/** The middle of the values; of an even count, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** The value that the share `q` of the values is at or below (nearest rank). */
export function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * q) - 1] ?? Number.NaN;
}

/** Medians of several measures taken in turn (A B C A B C ...), so that a drift of the machine meets all alike. */
export async function inTurn(
  rounds: number,
  measures: Readonly<Record<string, () => Promise<number>>>,
): Promise<Record<string, number>> {
  const taken = new Map<string, number[]>(Object.keys(measures).map((name) => [name, []]));
  // The first round warms caches and is not counted.
  for (let round = -1; round < rounds; round++) {
    for (const [name, measure] of Object.entries(measures)) {
      const value = await measure();
      if (round >= 0) taken.get(name)?.push(value);
    }
  }
  return Object.fromEntries([...taken].map(([name, values]) => [name, median(values)]));
}
