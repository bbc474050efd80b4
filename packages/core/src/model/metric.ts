import type { Metric } from "./contract.ts";

/** A counter: it only grows; its name ends in `_total`. */
export function counter<const L extends string = never>(
  name: string,
  labels: readonly L[] = [],
  help = name,
): Metric<L, "counter"> {
  return { kind: "counter", name, help, labels };
}

/** A gauge: it goes up and down. */
export function gauge<const L extends string = never>(
  name: string,
  labels: readonly L[] = [],
  help = name,
): Metric<L, "gauge"> {
  return { kind: "gauge", name, help, labels };
}

/** Bucket bounds for durations in seconds, from 1 ms to 10 s. */
export const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** A histogram; buckets default to {@link secondsBuckets}. */
export function histogram<const L extends string = never>(
  name: string,
  labels: readonly L[] = [],
  help = name,
  buckets: readonly number[] = secondsBuckets,
): Metric<L, "histogram"> {
  return { kind: "histogram", name, help, labels, buckets };
}
