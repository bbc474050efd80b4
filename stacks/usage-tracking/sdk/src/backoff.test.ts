import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, pause, retryAfterMs } from "./backoff.ts";

const bounds = { minMs: 200, maxMs: 30_000 };

test("waits double up to their bound, keep half of it, and never undercut what the service asked for", () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.option(fc.nat({ max: 2 ** 53 - 1 })), chance, (attempt, asked, random) => {
      const step = Math.min(30_000, 200 * 2 ** Math.min(attempt, 30));
      const ms = backoffMs(attempt, asked ?? undefined, bounds, () => random);
      expect(ms).toBeGreaterThanOrEqual(Math.min(3_600_000, Math.max(step / 2, asked ?? 0)));
      // A timer holds 2^31 - 1 ms; beyond that it would fire at once.
      expect(ms).toBeLessThanOrEqual(3_600_000);
      // Equal too: the largest number below 1 rounds to the whole step.
      if (asked === null) expect(ms).toBeLessThanOrEqual(step);
    }),
  );
});

test.each([
  ["7", 7000],
  [" 0 ", 0],
  ["Thu, 01 Jan 1970 00:00:12 GMT", 2000],
  ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
  ["soon", undefined],
  [null, undefined],
])("Retry-After: %s", (header, ms) => expect(retryAfterMs(header, 10_000)).toBe(ms));

test("a pause ends when its signal aborts", async () => {
  const stop = new AbortController();
  const paused = pause(3_600_000, stop.signal);
  stop.abort();
  await paused;
  await pause(3_600_000, stop.signal);
});
