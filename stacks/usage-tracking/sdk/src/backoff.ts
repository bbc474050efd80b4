/** Bounds of the wait between two attempts, in milliseconds. */
export interface RetryBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Longest wait whatever a service asks for; far below what a timer can hold. */
const longestMs = 3_600_000;

/**
 * How long to wait after failed attempt number `attempt` (from 0): doubling, with half of it random so that clients which
 * failed together do not come back together; never shorter than the service asked for.
 */
export function backoffMs(
  attempt: number,
  askedMs: number | undefined,
  { minMs, maxMs }: RetryBounds,
  random: () => number,
): number {
  const step = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  const own = step * (0.5 + random() / 2);
  return Math.min(longestMs, askedMs === undefined ? own : Math.max(own, askedMs + (random() * minMs) / 2));
}

/** The milliseconds of a `Retry-After` header: seconds, or a date; `undefined` for anything else. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
