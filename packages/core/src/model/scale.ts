import type { Metric } from "./contract.ts";

/**
 * From when on a pod has too few or too many replicas. Nothing scales by itself: alerts tell, and `caisson scale` does it. At least one
 * of `cpu`, `memory`, `requests` and `loads`.
 */
export interface ScaleOptions {
  /** The fewest that an alert asks for. Default 1. */
  readonly min?: number;
  /** The most that an alert asks for. */
  readonly max: number;
  /** Share of `limits.cpus` that a replica uses on average: `0.7`. */
  readonly cpu?: number;
  /** Share of `limits.memory` that a replica uses on average. */
  readonly memory?: number;
  /** Requests a second that the members of a replica answer. */
  readonly requests?: number;
  /** Other loads by what they are (`users`): a gauge of a member, the same at every replica, and how much of it one replica bears. */
  readonly loads?: Readonly<Record<string, { readonly metric: Metric<never, "gauge">; readonly perReplica: number }>>;
}
