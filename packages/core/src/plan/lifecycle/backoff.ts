import type { RestartPolicy } from "../../model/resource.ts";

/**
 * Milliseconds until the next try after `crashes` crashes in a row (1 or more): `delayMs`, doubled for each further
 * crash, at most `maxDelayMs`; the cap itself once it is a crash loop. Jitter takes off up to a quarter, never adds:
 * the cap holds, and since delays double the next one is never shorter before the cap is reached.
 */
export function backoffMs(policy: RestartPolicy, crashes: number, random: number): number {
  const { delayMs, maxDelayMs, crashLoopAfter } = policy;
  const full = crashes >= crashLoopAfter ? maxDelayMs : Math.min(maxDelayMs, delayMs * 2 ** (crashes - 1));
  return Math.round(full * (1 - random / 4));
}
