/** How long to wait after failures in a row: grows from `firstMs` by half each time up to `capMs`, with jitter. */
export interface Backoff {
  readonly firstMs: number;
  readonly capMs: number;
}

/**
 * The wait after the `failures`-th failure in a row (1, 2, ...), in milliseconds. Drawn from the upper half of the range, so that many
 * programs that lost one database do not all come back at the same moment. `random` is in [0, 1).
 */
export function backoffMs({ firstMs, capMs }: Backoff, failures: number, random: () => number = Math.random): number {
  const top = Math.min(capMs, firstMs * 1.5 ** Math.min(failures - 1, 60));
  return top * (0.5 + random() / 2);
}
