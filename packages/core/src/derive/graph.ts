import type { Edge } from "../model/edge.ts";
import type { Strength } from "../model/expression.ts";
import type { Resource } from "../model/resource.ts";

/** What a picture of a stack needs; a resolved stack is one. */
export interface Graph {
  readonly resources: readonly Pick<Resource, "name" | "kind" | "component" | "pod">[];
  readonly edges: readonly Edge[];
}

/** One arrow: `from` depends on `to`, as strongly as the strongest of the edges between them. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly strength: Strength;
}

const strengths: readonly Strength[] = ["needs", "uses", "observes"];

/** One arrow for each pair, in the order of the edges. */
export function arrowsOf({ edges }: Graph): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const { from, to, strength } of edges) {
    const known = arrows.get(`${from} ${to}`);
    if (!known || strengths.indexOf(strength) < strengths.indexOf(known.strength))
      arrows.set(`${from} ${to}`, { from, to, strength });
  }
  return [...arrows.values()];
}

/** What a resource is, in a word or two: `postgres`, `job`, `service in core`. */
export function kindWords({ kind, component, pod }: Graph["resources"][number]): string {
  const what = kind === "component" ? component : kind === "external" ? `external ${component}` : kind;
  return pod ? `${what} in ${pod.name}` : what;
}
