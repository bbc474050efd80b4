/**
 * Latencies by slot: how many events fell into each. A slot is a latency in microseconds below 32, then 32 slots to
 * every power of two, so what is read from a slot is at most 1/64 away from what was put in. The same slots are defined
 * in SQL (`latency_slot`), where percentiles are read from them and the audit makes them from raw events.
 */
export type Latencies = Map<number, number>;

/** The slot of a latency, a whole number of microseconds below 2^53. */
export function latencySlot(us: number): number {
  if (us < 32) return us;
  const shift = exponentOf(us) - 5;
  return shift * 32 + Math.floor(us / 2 ** shift);
}

/** Adds latencies to others. */
export function addLatencies(to: Latencies, from: Latencies): void {
  for (const [slot, count] of from) to.set(slot, (to.get(slot) ?? 0) + count);
}

/** Latencies as a `bigint[]` literal in order of their slots; each element is count * 2048 + slot. */
export function latencyLiteral(latencies: Latencies): string {
  const slots = [...latencies.keys()].sort((a, b) => a - b);
  return `{${slots.map((slot) => (latencies.get(slot) ?? 0) * 2048 + slot).join(",")}}`;
}

/** The same by slot, for adding up many that are read: slots are below 2048. */
export type LatencyCounts = Float64Array;

/** No latencies. */
export function latencyCounts(): LatencyCounts {
  return new Float64Array(2048);
}

/** Adds latencies to others. */
export function addCounts(to: LatencyCounts, from: LatencyCounts): void {
  for (let slot = 0; slot < from.length; slot++) to[slot] = (to[slot] ?? 0) + (from[slot] ?? 0);
}

/** Adds the latencies of such a literal to others; with the sign -1 it takes them away. */
export function addLatencyLiteral(to: LatencyCounts, literal: string, sign: 1 | -1): void {
  let element = 0;
  // Digit by digit: this is most of what adding up a row costs.
  for (let at = 1; at < literal.length; at++) {
    const digit = literal.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) {
      element = element * 10 + digit;
      continue;
    }
    const slot = element % 2048;
    to[slot] = (to[slot] ?? 0) + (sign * (element - slot)) / 2048;
    element = 0;
  }
}

/** The latency in microseconds that 95 of 100 are at or below (nearest rank), as `latency_quantile` has it in SQL; null of none. */
export function p95Of(latencies: LatencyCounts): number | null {
  // Plain loops: a callback a slot costs more than all the reading of an answer.
  let total = 0;
  for (let slot = 0; slot < latencies.length; slot++) total += latencies[slot] ?? 0;
  if (total === 0) return null;
  const rank = Math.ceil((total * 95) / 100);
  let [upto, slot] = [0, -1];
  while (upto < rank) upto += latencies[++slot] ?? 0;
  return middleOf(slot);
}

/** What a slot stands for: the middle of its range. */
function middleOf(slot: number): number {
  if (slot < 64) return slot;
  const [first, width] = [(slot % 32) + 32, 2 ** (Math.floor(slot / 32) - 1)];
  return (first * width + (first + 1) * width - 1) / 2;
}

/** The place of the highest bit; exact, unlike a logarithm. */
function exponentOf(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value);
}
