import type { UnitId } from "@caisson/core/run";

/** `api-gateway/0/3`: replica 0 at generation 3. */
export function unitKey({ resource, replica, generation }: UnitId): string {
  return `${resource}/${replica}/${generation}`;
}
