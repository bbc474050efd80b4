import type { DesiredUnitSpec, Effect, LifecycleEvent, Unit, UnitId } from "../lifecycle-types.ts";
import type { Table } from "./table.ts";

/** One resource as the reducer keeps it. */
export interface ResourceRecord {
  /** The newest generation asked for. */
  readonly spec: DesiredUnitSpec;
  /** The generation that served before; kept until the newest is ready, and after the newest failed. */
  readonly kept: DesiredUnitSpec | null;
  /** Of other generations that have units left: they stop by their own policy, and still need what they needed. */
  readonly older: readonly DesiredUnitSpec[];
  /** `going`: the newest is started beside `kept`. `failed`: back to `kept`. Otherwise `kept` is `null`. */
  readonly rollout: "none" | "going" | "failed";
  /** Why the rollout failed; empty unless it did. */
  readonly failure: string;
  readonly wanted: "run" | "stop" | "remove";
  /** By generation, then replica. */
  readonly units: readonly Unit[];
}

/** Everything the reducer knows. Plain data; never changed in place. */
export interface System {
  readonly mode: "up" | "down" | "killing";
  readonly resources: Pick<Table<ResourceRecord>, "get" | "entries" | "values" | "copy">;
  /** By name: who needs it. */
  readonly dependants: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A system in the making: one event's worth of changes, handed on when it has settled. */
export interface Draft {
  mode: System["mode"];
  readonly at: number;
  /** 0 <= random < 1. */
  readonly random: number;
  readonly resources: Table<ResourceRecord>;
  /** As in the system until it changes, which few events do: a copy for each would make a start of many a slow one. */
  dependants: ReadonlyMap<string, ReadonlySet<string>>;
  readonly actions: Effect[];
  /** Resources whose units or wishes changed and that are to be looked at. */
  readonly touched: Set<string>;
}

/** A draft to work on; the system it comes from stays as it is. */
export function draftOf(system: System, event: LifecycleEvent): Draft {
  return {
    mode: system.mode,
    at: event.at,
    random: "random" in event ? event.random : 0,
    resources: system.resources.copy(),
    dependants: system.dependants,
    actions: [],
    touched: new Set(),
  };
}

/** Puts a record in place, keeps the index of dependants, and marks the resource as touched. */
export function putRecord(draft: Draft, record: ResourceRecord): void {
  const name = record.spec.resource;
  const before = needNames(draft.resources.get(name));
  const after = needNames(record);
  for (const need of before) if (!after.has(need)) unlink(draft, need, name);
  for (const need of after) if (!before.has(need)) link(draft, need, name);
  draft.resources.set(name, record);
  draft.touched.add(name);
}

/** Forgets a resource that has no unit left. */
export function dropRecord(draft: Draft, record: ResourceRecord): void {
  const name = record.spec.resource;
  for (const need of needNames(record)) unlink(draft, need, name);
  draft.resources.delete(name);
  draft.touched.add(name);
}

/** Replaces a unit, or adds it. */
export function putUnit(draft: Draft, unit: Unit): void {
  const record = draft.resources.get(unit.resource);
  if (!record) return;
  const at = record.units.findIndex((each) => sameId(each, unit));
  const units = at < 0 ? [...record.units, unit].sort(byAge) : record.units.with(at, unit);
  draft.resources.set(unit.resource, { ...record, units });
  draft.touched.add(unit.resource);
}

/** Forgets a unit that does not run, and says so. */
export function dropUnit(draft: Draft, unit: Unit): void {
  const record = draft.resources.get(unit.resource);
  if (!record) return;
  const units = record.units.filter((each) => !sameId(each, unit));
  const older = record.older.filter((spec) => units.some((each) => each.generation === spec.generation));
  putRecord(draft, { ...record, units, older });
  if (unit.retryAt !== null) draft.actions.push({ type: "clear-timer", timer: "backoff", ...idOf(unit) });
  if (unit.readyBy !== null) draft.actions.push({ type: "clear-timer", timer: "ready", ...idOf(unit) });
  draft.actions.push({ type: "gone", ...idOf(unit) });
}

/** The unit of an event, if it is (still) known. */
export function findUnit(record: ResourceRecord | undefined, id: UnitId): Unit | undefined {
  return record?.units.find((each) => sameId(each, id));
}

/** The three parts of a unit's address. */
export function idOf({ resource, replica, generation }: UnitId): UnitId {
  return { resource, replica, generation };
}

/** Names that any generation of a resource needs. */
export function needNames(record: ResourceRecord | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  for (const spec of record ? [record.spec, ...record.older] : [])
    for (const need of spec.needs) names.add(need.resource);
  if (record?.kept) for (const need of record.kept.needs) names.add(need.resource);
  return names;
}

function sameId(a: UnitId, b: UnitId): boolean {
  return a.resource === b.resource && a.replica === b.replica && a.generation === b.generation;
}

function byAge(a: UnitId, b: UnitId): number {
  return a.generation - b.generation || a.replica - b.replica;
}

function link(draft: Draft, need: string, name: string): void {
  draft.dependants = new Map(draft.dependants).set(need, new Set(draft.dependants.get(need)).add(name));
}

function unlink(draft: Draft, need: string, name: string): void {
  const left = new Set(draft.dependants.get(need));
  left.delete(name);
  const dependants = new Map(draft.dependants);
  if (left.size === 0) dependants.delete(need);
  else dependants.set(need, left);
  draft.dependants = dependants;
}
