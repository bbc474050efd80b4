import { CaissonError, type Metric, type MetricKind, type Metrics } from "@caisson/core";
import { handleOf, type HandleOf, type Sample } from "./handles.ts";
import type { Registry } from "./registry.ts";

/** Takes emissions and shows them as text. */
export interface Meter {
  readonly emit: (sample: Sample) => void;
  readonly handle: <M extends Metric<string, MetricKind>>(metric: M) => HandleOf<M>;
  /** Calls back before each scrape, for gauges that are read off something. */
  readonly beforeScrape: (collect: () => void) => void;
  readonly text: () => Promise<{ readonly type: string; readonly text: string }>;
  /** Loads the registry now rather than at the first scrape. */
  readonly load: () => Promise<void>;
}

/**
 * A meter for the given metrics. prom-client takes 25 ms to load, so it is loaded after the start; what is emitted before
 * that is kept and replayed. Throws E_CONTRACT where two metrics have one name.
 */
export function createMeter(program: string, metrics: Metrics): Meter {
  refuseDuplicates(program, Object.values(metrics));
  const early: Sample[] = [];
  const collectors: (() => void)[] = [];
  let registry: Registry | undefined;
  let loading: Promise<Registry> | undefined;
  const emit = (sample: Sample): void => {
    if (registry) registry.take(sample);
    else early.push(sample);
  };
  const load = (): Promise<Registry> => {
    loading ??= import("./registry.ts").then(({ createRegistry }) => {
      registry = createRegistry(Object.values(metrics));
      for (const sample of early.splice(0)) registry.take(sample);
      return registry;
    });
    return loading;
  };
  return {
    emit,
    handle: (metric) => handleOf(metric, emit),
    beforeScrape: (collect) => void collectors.push(collect),
    text: async () => {
      const loaded = await load();
      for (const collect of collectors) collect();
      return { type: loaded.type, text: await loaded.text() };
    },
    load: async () => void (await load()),
  };
}

function refuseDuplicates(program: string, metrics: readonly Metric[]): void {
  const seen = new Set<string>();
  for (const { name } of metrics) {
    if (seen.has(name)) {
      throw new CaissonError(
        "E_CONTRACT",
        `program ${program} declares the metric ${name} twice, or it is one of the kit's`,
      );
    }
    seen.add(name);
  }
}
