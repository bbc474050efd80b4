import type { Metric } from "@caisson/core";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry as PromRegistry } from "prom-client";
import type { Sample } from "./handles.ts";

/** The metrics as prom-client keeps them. */
export interface Registry {
  readonly take: (sample: Sample) => void;
  readonly type: string;
  readonly text: () => Promise<string>;
}

/** Registers the declared metrics and the process's own (CPU, memory, event loop, garbage collection). */
export function createRegistry(metrics: readonly Metric[]): Registry {
  const prom = new PromRegistry();
  collectDefaultMetrics({ register: prom });
  const takers = new Map(metrics.map((metric) => [metric.name, takerOf(metric, prom)]));
  return {
    take: ({ metric, labels, value }) => {
      const take = takers.get(metric.name);
      if (!take) throw new Error(`the metric ${metric.name} is not declared in the contract`);
      take(labels, value);
    },
    type: prom.contentType,
    text: () => prom.metrics(),
  };
}

function takerOf(
  metric: Metric,
  prom: PromRegistry,
): (labels: Readonly<Record<string, string>>, value: number) => void {
  const options = { name: metric.name, help: metric.help, labelNames: [...metric.labels], registers: [prom] };
  switch (metric.kind) {
    case "counter": {
      const counter = new Counter(options);
      return (labels, value) => counter.inc(labels, value);
    }
    case "gauge": {
      const gauge = new Gauge(options);
      return (labels, value) => gauge.set(labels, value);
    }
    case "histogram": {
      const histogram = new Histogram({ ...options, ...(metric.buckets && { buckets: [...metric.buckets] }) });
      return (labels, value) => histogram.observe(labels, value);
    }
  }
}
