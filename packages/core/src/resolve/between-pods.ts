import type { Edge } from "../model/edge.ts";
import type { Resource } from "../model/resource.ts";

/** The edges where a pod stands for its members: none within one, one a target and condition, the strongest of several. */
export function betweenPods(resources: readonly Resource[], edges: readonly Edge[]): Edge[] {
  const pods = new Map(resources.flatMap(({ name, pod }) => (pod ? [[name, pod.name] as const] : [])));
  const found = new Map<string, Edge>();
  for (const edge of edges) {
    const [from, to] = [pods.get(edge.from) ?? edge.from, pods.get(edge.to) ?? edge.to];
    if (from === to) continue;
    const key = `${from} ${to} ${edge.condition}`;
    const known = found.get(key);
    if (known && (edge.strength !== "needs" || known.strength === "needs")) continue;
    found.set(key, { ...edge, from, to, why: from === edge.from ? edge.why : `${edge.from}/${edge.why}` });
  }
  return [...found.values()];
}
