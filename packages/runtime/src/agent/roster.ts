import type { Skipped, Unit, UnitId } from "@caisson/core/run";
import type { RunRecord } from "../drivers/driver.ts";
import type { Engine } from "../engine/engine.ts";
import type { Addresses } from "./addresses.ts";
import type { Files } from "./files.ts";
import type { Folders } from "./folders.ts";
import type { Hub } from "./hub.ts";
import type { LogSource } from "./log-lines.ts";
import type { ResourceView } from "./protocol.ts";
import type { RecordStore } from "./record-store.ts";
import { viewOf } from "./views.ts";

/** Everything known of the resources: what the engine says of their units, and what the state remembers. */
export interface Roster {
  views(): readonly ResourceView[];
  view(name: string): ResourceView | undefined;
  skipped(): readonly Skipped[];
  setSkipped(skipped: readonly Skipped[]): void;
  /** The pod that a member runs in, where it has no container of its own. */
  podOf(member: string): string | undefined;
  /** Names of resources and of members of pods; none: all resources. */
  logSources(names: readonly string[]): readonly LogSource[];
  /** True when nothing runs or is about to. */
  idle(): boolean;
  whenIdle(): Promise<void>;
  /** Of the engine: writes a unit down. */
  remember(unit: Unit, run: RunRecord | undefined): void;
  /** Of the engine: a unit of the resource changed. */
  changed(name: string): void;
  /** Of the engine: a unit was forgotten. */
  gone(id: UnitId): void;
}

interface RosterParts {
  readonly engine: Pick<Engine, "units" | "runOf" | "generation" | "rollout">;
  readonly records: RecordStore;
  readonly addresses: Addresses;
  readonly folders: Folders;
  readonly files: Files;
  readonly hub: Hub;
  readonly clockOffset: number;
}

export function createRoster({ engine, records, addresses, folders, files, hub, clockOffset }: RosterParts): Roster {
  let skipped: readonly Skipped[] = [];
  let waiting: (() => void)[] = [];
  const unitsOf = (name: string): readonly Unit[] => engine.units().filter((unit) => unit.resource === name);

  const view = (name: string): ResourceView | undefined => {
    const generation = engine.generation(name) ?? records.status(name).generation;
    const record = records.generation(name, generation) ?? records.latest(name);
    if (!record) return undefined;
    const units = unitsOf(name);
    const pids = units.flatMap((unit) => engine.runOf(unit)?.pid ?? []);
    return viewOf({
      record,
      status: records.status(name),
      units,
      rollout: engine.rollout(name),
      pids,
      addresses: addresses.describe(record.resource),
      clockOffset,
    });
  };
  const idle = (): boolean => engine.units().every((unit) => !live.has(unit.state) && !engine.runOf(unit));
  const settle = (): void => {
    if (!idle()) return;
    for (const tell of waiting) tell();
    waiting = [];
  };
  const podOf = (member: string): string | undefined =>
    records.names().find((name) => records.latest(name)?.resource.members?.some((each) => each.name === member));
  return {
    view,
    views: () => records.names().flatMap((name) => view(name) ?? []),
    skipped: () => skipped,
    setSkipped: (next) => void (skipped = next),
    podOf,
    logSources: (names) =>
      (names.length > 0 ? names : records.names()).flatMap((name) => {
        const pod = podOf(name);
        // With the pod's own log they are there already.
        if (pod !== undefined && names.includes(pod)) return [];
        const resource = pod ?? name;
        return Array.from({ length: Math.max(1, records.status(resource).replicas) }, (_, replica) => ({
          resource,
          replica,
          file: folders.log(resource, replica),
          ...(pod !== undefined && { member: name }),
        }));
      }),
    idle,
    whenIdle: () => (idle() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    remember(unit, run) {
      records.setUnit(unit, run ?? null, addresses.ofUnit(unit));
      const { resource, state, generation } = unit;
      const ended = state === "Completed" || state === "Failed";
      if (ended && records.status(resource).generation === generation)
        records.setStatus(resource, { succeeded: state === "Completed" });
    },
    changed(name) {
      const now = view(name);
      if (now) hub.tell({ type: "resource", resource: now });
      settle();
    },
    gone(id) {
      addresses.close(id);
      const rest = unitsOf(id.resource);
      records.prune(id.resource, rest);
      files.prune(id.resource, [records.status(id.resource).generation, ...rest.map((unit) => unit.generation)]);
      const now = view(id.resource);
      if (now) hub.tell({ type: "resource", resource: now });
      settle();
    },
  };
}

const live: ReadonlySet<Unit["state"]> = new Set(["Starting", "Running", "Stopping"]);
