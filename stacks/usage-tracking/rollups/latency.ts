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

/**
 * Counts by slot, for adding up many that are read. Slots are below 2048; those in use mostly lie together, and only these
 * are walked: from `first` on, and below `end`.
 */
export interface Counts {
  readonly bySlot: Float64Array;
  first: number;
  end: number;
}

/** No counts. */
export function emptyCounts(): Counts {
  return { bySlot: new Float64Array(2048), first: 2048, end: 0 };
}

/** Makes them no counts again: to be used for the next. */
export function clearCounts(counts: Counts): void {
  counts.bySlot.fill(0, counts.first, counts.end);
  counts.first = 2048;
  counts.end = 0;
}

/** Adds counts to others. */
export function addCounts(to: Counts, { bySlot, first, end }: Counts): void {
  for (let slot = first; slot < end; slot++) to.bySlot[slot] = (to.bySlot[slot] ?? 0) + (bySlot[slot] ?? 0);
  to.first = Math.min(to.first, first);
  to.end = Math.max(to.end, end);
}

/** Adds the counts of a literal such as {@link latencyLiteral}'s to others; with the sign -1 it takes them away. */
export function addLiteral(to: Counts, literal: string, sign: 1 | -1): void {
  let { first, end } = to;
  let element = 0;
  // Digit by digit: this is most of what adding up a row costs.
  for (let at = 1; at < literal.length; at++) {
    const digit = literal.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) {
      element = element * 10 + digit;
      continue;
    }
    const count = Math.floor(element / 2048);
    const slot = element - count * 2048;
    to.bySlot[slot] = (to.bySlot[slot] ?? 0) + sign * count;
    if (slot < first) first = slot;
    if (slot >= end) end = slot + 1;
    element = 0;
  }
  to.first = first;
  to.end = end;
}

/** The latency in microseconds that 95 of 100 are at or below (nearest rank), as `latency_quantile` has it in SQL; null of none. */
export function p95Of({ bySlot, first, end }: Counts): number | null {
  // Plain loops: a callback a slot costs more than all the reading of an answer.
  let total = 0;
  for (let slot = first; slot < end; slot++) total += bySlot[slot] ?? 0;
  if (total === 0) return null;
  const rank = Math.ceil((total * 95) / 100);
  let [upto, slot] = [0, first - 1];
  while (upto < rank) upto += bySlot[++slot] ?? 0;
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
