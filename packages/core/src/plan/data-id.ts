import type { ObservedVolume } from "./plan-types.ts";

/** What a job remembers of a store's data: the ids of its volumes. Other data has another id; no data has none. */
export function dataId(volumes: readonly ObservedVolume[]): string | undefined {
  if (volumes.length === 0) return undefined;
  return volumes
    .map(({ name, id }) => ({ name, id }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ id }) => id)
    .join("+");
}
