import type { Metric, MetricKind, Metrics } from "@caisson/core";

/** The labels of a metric, each with a value; none for a metric without labels. */
type LabelsOf<L extends string> = [L] extends [never] ? [] : [labels: Readonly<Record<L, string>>];

/** Counts: `inc()` or `inc({ result: "ok" }, 3)`. */
export interface CounterHandle<L extends string> {
  readonly inc: (...args: [...LabelsOf<L>, by?: number]) => void;
}

/** Shows a value that goes up and down. */
export interface GaugeHandle<L extends string> {
  readonly set: (...args: [...LabelsOf<L>, value: number]) => void;
}

/** Observes values: durations in seconds, sizes. */
export interface HistogramHandle<L extends string> {
  readonly observe: (...args: [...LabelsOf<L>, value: number]) => void;
}

/** The handle that fits a metric's kind and labels. */
export type HandleOf<M extends Metric<string, MetricKind>> = HandleFor<M["labels"][number]>[M["kind"]];

interface HandleFor<L extends string> {
  readonly counter: CounterHandle<L>;
  readonly gauge: GaugeHandle<L>;
  readonly histogram: HistogramHandle<L>;
}

/** One handle for each metric of a contract: nothing else can be emitted. */
export type Handles<M extends Metrics> = { readonly [K in keyof M]: HandleOf<M[K]> };

/** One emission. A counter adds, a gauge sets, a histogram observes `value`. */
export interface Sample {
  readonly metric: Metric<string, MetricKind>;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The handles of a set of metrics; each emission goes to `emit`. */
export function handlesOf<M extends Metrics>(metrics: M, emit: (sample: Sample) => void): Handles<M> {
  const entries = Object.entries(metrics).map(([key, metric]) => [key, handleOf(metric, emit)]);
  // Object.fromEntries forgets which key has which kind; handleOf goes by that kind.
  return Object.fromEntries(entries) as Handles<M>;
}

/** The handle of one metric; labels come first where the metric has any. */
export function handleOf<M extends Metric<string, MetricKind>>(metric: M, emit: (sample: Sample) => void): HandleOf<M> {
  const labelled = metric.labels.length > 0;
  const take = (args: readonly unknown[], fallback?: number): void => {
    const labels = labelled ? (args[0] as Readonly<Record<string, string>>) : {};
    const value = (labelled ? args[1] : args[0]) ?? fallback;
    emit({ metric, labels, value: value as number });
  };
  const handle = {
    inc: (...args: readonly unknown[]) => take(args, 1),
    set: (...args: readonly unknown[]) => take(args),
    observe: (...args: readonly unknown[]) => take(args),
  };
  const verbs = { counter: { inc: handle.inc }, gauge: { set: handle.set }, histogram: { observe: handle.observe } };
  // The verb was picked by the kind, which is what HandleOf goes by.
  return verbs[metric.kind] as unknown as HandleOf<M>;
}
