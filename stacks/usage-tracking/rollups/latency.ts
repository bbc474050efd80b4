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

/** Adds the latencies of such a literal to others; with the sign -1 it takes them away. */
export function addLatencyLiteral(to: Latencies, literal: string, sign: 1 | -1): void {
  if (literal === "{}") return;
  for (const text of literal.slice(1, -1).split(",")) {
    const element = Number(text);
    const slot = element % 2048;
    to.set(slot, (to.get(slot) ?? 0) + (sign * (element - slot)) / 2048);
  }
}

/** The latency in microseconds that 95 of 100 are at or below (nearest rank), as `latency_quantile` has it in SQL; null of none. */
export function p95Of(latencies: Latencies): number | null {
  const total = [...latencies.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.ceil((total * 95) / 100);
  let upto = 0;
  for (const slot of [...latencies.keys()].sort((a, b) => a - b)) {
    upto += latencies.get(slot) ?? 0;
    if (upto >= rank) return middleOf(slot);
  }
  return null;
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
