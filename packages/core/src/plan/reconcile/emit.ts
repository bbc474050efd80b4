import type { Condition } from "../../model/resource.ts";
import type { Action, DesiredResource, ObservedResource } from "../plan-types.ts";
import { topological } from "../../derive/topological.ts";
import type { Change } from "./change.ts";
import { add, dataOf, type PlanDraft } from "./draft.ts";

/**
 * The operations of one resource. What does not run yet becomes wanted as soon as what it needs is wanted: the engine
 * holds it back until its gates open, and `why` can tell. What runs is only touched when what it needs has arrived, so
 * that a failed migration leaves the old generation serving.
 */
export function emitResource(draft: PlanDraft, resource: DesiredResource, { cause, kind }: Change): void {
  const { name } = resource;
  const found = draft.observed.get(name);
  const needs = resource.needs.map((need) => need.resource);
  const arrived = needs.map((need) => draft.reached.get(need) ?? draft.set.get(need));
  const serves = kind === "run" && (found?.state === "Running" || found?.state === "Starting");
  if (kind !== "wait") {
    const generation = (found?.generation ?? 0) + (kind === "run" ? 1 : 0);
    const prepared = kind === "run" ? emitPreparation(draft, resource, generation, cause) : undefined;
    const before = serves ? arrived : needs.map((need) => draft.set.get(need));
    const replicas = resource.kind === "schedule" ? 0 : resource.replicas;
    const action = { type: "set-desired", resource: name, generation, replicas } as const;
    draft.set.set(name, add(draft, action, cause, [prepared, ...before]));
  }
  const condition = conditionOf(resource);
  if (condition === undefined) return;
  const after = [draft.set.get(name), ...(serves ? [] : arrived)];
  draft.reached.set(name, add(draft, { type: "await", resource: name, condition }, cause, after));
}

/**
 * What leaves the stack. `renamed` goes first, so that its data can move; the others go when those that used them have
 * been replaced or removed.
 */
export function emitRemovals(draft: PlanDraft, which: "renamed" | "others"): void {
  const leaving = [...draft.observed.values()].filter(
    ({ name }) => !isWanted(draft, name) && draft.renames.has(name) === (which === "renamed"),
  );
  const users = usersOf(draft, new Set(leaving.map(({ name }) => name)));
  // What uses something goes before it: the reverse of the order in which they were started.
  for (const { name } of inReverse(leaving)) {
    const used = users.get(name) ?? [];
    const after = which === "renamed" ? [] : used.map((user) => draft.removed.get(user) ?? draft.reached.get(user));
    const target = draft.renames.get(name);
    const cause = target === undefined ? "removed from the stack" : `renamed to ${target}`;
    draft.removed.set(name, add(draft, { type: "remove", resource: name }, cause, after));
  }
}

/** One after the other; returns the last. */
function emitPreparation(
  draft: PlanDraft,
  resource: DesiredResource,
  generation: number,
  cause: string,
): number | undefined {
  const { name, renamedFrom, kind } = resource;
  let last: number | undefined;
  const then = (action: Action): void => void (last = add(draft, action, cause, [last]));
  if (renamedFrom !== undefined && draft.renames.get(renamedFrom) === name) {
    last = draft.removed.get(renamedFrom);
    if (draft.volumes.has(renamedFrom)) then({ type: "rename-volumes", from: renamedFrom, to: name });
  }
  const there = new Set(dataOf(draft, resource).map((volume) => volume.name));
  for (const volume of resource.volumes)
    if (!there.has(volume.name)) then({ type: "create-volume", resource: name, volume: volume.name });
  if (kind !== "external") then({ type: "deliver-files", resource: name, generation });
  return last;
}

function conditionOf({ kind, replicas }: DesiredResource): Condition | undefined {
  if (kind === "job") return "completed";
  return (kind === "service" || kind === "component") && replicas > 0 ? "healthy" : undefined;
}

function isWanted({ desired, observed }: PlanDraft, name: string): boolean {
  const resource = desired.get(name);
  if (!resource) return false;
  // A service that became a command: what runs of it has to end.
  return resource.start || resource.kind === observed.get(name)?.kind;
}

function inReverse(leaving: readonly ObservedResource[]): ObservedResource[] {
  const byName = new Map(leaving.map((each) => [each.name, each]));
  return topological([...byName.keys()], (name) => byName.get(name)?.references ?? [])
    .reverse()
    .flatMap((name) => byName.get(name) ?? []);
}

function usersOf(draft: PlanDraft, leaving: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { name, references = [] } of draft.observed.values()) {
    for (const used of references) {
      if (!leaving.has(used)) continue;
      const list = users.get(used);
      if (list) list.push(name);
      else users.set(used, [name]);
    }
  }
  return users;
}
