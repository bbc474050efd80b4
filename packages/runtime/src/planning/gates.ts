import type { Edge } from "@caisson/core/run";

type Need = { readonly resource: string; readonly condition: "started" | "healthy" | "completed" };

/** Edges that gate the start, by the resource that waits. */
export function needsByResource(edges: readonly Edge[]): ReadonlyMap<string, readonly Need[]> {
  const needs = new Map<string, Need[]>();
  for (const { from, to, strength, condition } of edges) {
    if (strength !== "needs") continue;
    const list = needs.get(from) ?? [];
    list.push({ resource: to, condition });
    needs.set(from, list);
  }
  return needs;
}

/** What `names` need, themselves included, all the way down: what `up NAME` starts. */
export function closure(names: readonly string[], needs: ReadonlyMap<string, readonly Need[]>): ReadonlySet<string> {
  const wanted = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (wanted.has(name)) continue;
    wanted.add(name);
    for (const need of needs.get(name) ?? []) pending.push(need.resource);
  }
  return wanted;
}
