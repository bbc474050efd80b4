import type { Metric } from "./contract.ts";

// The overloads without labels are first: with one signature, a contract's `metrics` would widen "no labels" to "any".

/** A counter: it only grows; its name ends in `_total`. */
export function counter(name: string, labels?: readonly [], help?: string): Metric<never, "counter">;
export function counter<const L extends string>(
  name: string,
  labels: readonly L[],
  help?: string,
): Metric<L, "counter">;
export function counter(name: string, labels: readonly string[] = [], help = name): Metric<string, "counter"> {
  return { kind: "counter", name, help, labels };
}

/** A gauge: it goes up and down. */
export function gauge(name: string, labels?: readonly [], help?: string): Metric<never, "gauge">;
export function gauge<const L extends string>(name: string, labels: readonly L[], help?: string): Metric<L, "gauge">;
export function gauge(name: string, labels: readonly string[] = [], help = name): Metric<string, "gauge"> {
  return { kind: "gauge", name, help, labels };
}

/** Bucket bounds for durations in seconds, from 1 ms to 10 s. */
export const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** A histogram; buckets default to {@link secondsBuckets}. */
export function histogram(
  name: string,
  labels?: readonly [],
  help?: string,
  buckets?: readonly number[],
): Metric<never, "histogram">;
export function histogram<const L extends string>(
  name: string,
  labels: readonly L[],
  help?: string,
  buckets?: readonly number[],
): Metric<L, "histogram">;
export function histogram(
  name: string,
  labels: readonly string[] = [],
  help = name,
  buckets: readonly number[] = secondsBuckets,
): Metric<string, "histogram"> {
  return { kind: "histogram", name, help, labels, buckets };
}
