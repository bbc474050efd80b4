import type { Action, DesiredResource, Observed, ObservedResource, ObservedVolume, Operation } from "../plan-types.ts";

/** A plan in the making, with everything in reach by name. */
export interface PlanDraft {
  readonly instance: string;
  readonly desired: ReadonlyMap<string, DesiredResource>;
  readonly observed: ReadonlyMap<string, ObservedResource>;
  /** Data found, by the name of the resource it belongs to. */
  readonly volumes: ReadonlyMap<string, readonly ObservedVolume[]>;
  /** New name by old name, where data moves along. */
  readonly renames: ReadonlyMap<string, string>;
  readonly operations: Operation[];
  /** Ids of the operations others may have to come after, by resource. */
  readonly set: Map<string, number>;
  readonly reached: Map<string, number>;
  readonly removed: Map<string, number>;
}

export function createDraft(desired: readonly DesiredResource[], observed: Observed): PlanDraft {
  const volumes = Map.groupBy(observed.volumes, (volume) => volume.resource);
  const known = new Set(observed.resources.map((resource) => resource.name));
  const renames = desired.flatMap(({ name, renamedFrom }): [string, string][] => {
    // Once the data has moved, the old name is history, and `renamedFrom` may stay where it is.
    const moves =
      renamedFrom !== undefined && !volumes.has(name) && (volumes.has(renamedFrom) || known.has(renamedFrom));
    return moves ? [[renamedFrom, name]] : [];
  });
  return {
    instance: observed.instance,
    desired: new Map(desired.map((resource) => [resource.name, resource])),
    observed: new Map(observed.resources.map((resource) => [resource.name, resource])),
    volumes,
    renames: new Map(renames),
    operations: [],
    set: new Map(),
    reached: new Map(),
    removed: new Map(),
  };
}

/** Adds an operation and returns its id; `after` may hold gaps and repeats. */
export function add(draft: PlanDraft, action: Action, cause: string, after: readonly (number | undefined)[]): number {
  const id = draft.operations.length + 1;
  const ids = after.filter((each) => each !== undefined);
  draft.operations.push({ id, after: [...new Set(ids)].sort((a, b) => a - b), cause, action });
  return id;
}

/** Data of a resource, under its old name if it is about to be renamed. */
export function dataOf(draft: PlanDraft, { name, renamedFrom }: DesiredResource): readonly ObservedVolume[] {
  const moved = renamedFrom !== undefined && draft.renames.get(renamedFrom) === name;
  return draft.volumes.get(moved ? renamedFrom : name) ?? [];
}
