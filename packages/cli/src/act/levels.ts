import type { ResourceView } from "@caisson/runtime";

/** Resources in groups: each group needs only what is in groups before it. */
export function levels(views: readonly ResourceView[]): readonly (readonly ResourceView[])[] {
  const left = new Map(views.map((view) => [view.name, view]));
  const result: ResourceView[][] = [];
  while (left.size > 0) {
    const free = [...left.values()].filter((view) => !view.needs.some((name) => left.has(name)));
    // The graph of needs has no cycle; should an old record have one, nothing may hang on it.
    const group = free.length > 0 ? free : [...left.values()];
    for (const { name } of group) left.delete(name);
    result.push(group);
  }
  return result;
}
