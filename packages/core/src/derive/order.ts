import type { Edge } from "../model/edge.ts";
import type { Graph } from "./graph.ts";
import { topological } from "./topological.ts";

/** One resource in the order of the start. Everything of one wave starts at the same time, if it is ready at all. */
export interface StartStep {
  readonly name: string;
  /** 1 for what needs nothing; otherwise one more than the latest wave among its needs. */
  readonly wave: number;
  /** The edges that hold it back. */
  readonly because: readonly Edge[];
}

/** The order in which a stack starts, and why: each resource after what it needs. Linear in resources and edges. */
export function startOrder({ resources, edges }: Graph): StartStep[] {
  const because = Map.groupBy(
    edges.filter((edge) => edge.strength === "needs"),
    (edge) => edge.from,
  );
  const names = resources.map(({ name }) => name);
  const steps = new Map<string, StartStep>();
  for (const name of topological(names, (each) => (because.get(each) ?? []).map((edge) => edge.to))) {
    const held = because.get(name) ?? [];
    const wave = 1 + held.reduce((latest, edge) => Math.max(latest, steps.get(edge.to)?.wave ?? 0), 0);
    steps.set(name, { name, wave, because: held });
  }
  return [...steps.values()];
}
