import { isDeepStrictEqual } from "node:util";
import type { Unit, UnitId } from "@caisson/core/run";
import type { RunRecord } from "../drivers/driver.ts";
import { unitKey } from "../engine/unit-key.ts";
import type { State } from "../state/store.ts";
import {
  freshStatus,
  resourceKey,
  statusKey,
  unitRecordKey,
  type GenerationRecord,
  type StatusRecord,
  type UnitRecord,
} from "./records.ts";

/** Typed access to the durable state; everything the agent must know again after a crash goes through here. */
export interface RecordStore {
  names(): readonly string[];
  generation(name: string, generation: number): GenerationRecord | undefined;
  /** The newest generation. */
  latest(name: string): GenerationRecord | undefined;
  /** Makes `record` the newest generation; earlier ones stay until no unit of theirs runs. */
  setGeneration(record: GenerationRecord, replicas: number, ranAgainst?: StatusRecord["ranAgainst"]): void;
  /** Replaces what is kept of a generation, which goes on. */
  amend(record: GenerationRecord): void;
  status(name: string): StatusRecord;
  setStatus(name: string, change: Partial<StatusRecord>): void;
  setUnit(unit: Unit, run: RunRecord | null, ports: Readonly<Record<string, number>>): void;
  dropUnit(id: UnitId): void;
  units(): readonly UnitRecord[];
  /** Forgets generations older than the newest that none of `live` belongs to. */
  prune(name: string, live: readonly UnitId[]): void;
  forget(name: string): void;
}

/**
 * Memory is what is read, the state is written through: a view is made at every change of a unit and must cost nothing.
 * `clockOffset`: epoch ms minus monotonic ms, kept with each unit because monotonic times end with the boot.
 */
export function recordStore(state: State, clockOffset: number): RecordStore {
  const generations = new Map(state.entries<GenerationRecord>("resource/"));
  // A field that an earlier version did not write has its fresh value.
  const statuses = new Map(
    state.entries<Partial<StatusRecord>>(statusKey("")).map(([key, status]) => [key, { ...freshStatus, ...status }]),
  );
  const status = (name: string): StatusRecord => statuses.get(statusKey(name)) ?? freshStatus;
  const put = <T>(map: Map<string, T>, key: string, value: T): void => {
    // An `up` with nothing to do leaves the disk alone.
    if (isDeepStrictEqual(map.get(key), value)) return;
    map.set(key, value);
    state.set(key, value);
  };
  const drop = <T>(map: Map<string, T>, key: string): void => {
    map.delete(key);
    state.delete(key);
  };
  const keysOf = (name: string): string[] =>
    [...generations.keys()].filter((key) => key.startsWith(`resource/${name}/`));
  return {
    names: () => [...statuses.keys()].map((key) => key.slice(statusKey("").length)),
    generation: (name, number) => generations.get(resourceKey(name, number)),
    latest: (name) => generations.get(resourceKey(name, status(name).generation)),
    setGeneration(record, replicas, ranAgainst = {}) {
      const { name } = record.resource;
      const before = status(name);
      const fresh = record.generation !== before.generation;
      state.transaction(() => {
        put(generations, resourceKey(name, record.generation), record);
        put(statuses, statusKey(name), {
          ...before,
          generation: record.generation,
          replicas,
          ranAgainst,
          stopped: false,
          ...(fresh && { succeeded: null }),
        });
      });
    },
    amend: (record) => put(generations, resourceKey(record.resource.name, record.generation), record),
    status,
    setStatus: (name, change) => put(statuses, statusKey(name), { ...status(name), ...change }),
    setUnit: (unit, run, ports) =>
      state.set(unitRecordKey(unitKey(unit)), { unit, run, ports, clockOffset } satisfies UnitRecord),
    dropUnit: (id) => state.delete(unitRecordKey(unitKey(id))),
    units: () => state.entries<UnitRecord>(unitRecordKey("")).map(([, record]) => record),
    prune(name, live) {
      const newest = status(name).generation;
      const needed = new Set(live.filter((id) => id.resource === name).map((id) => id.generation));
      for (const key of keysOf(name)) {
        const { generation } = generations.get(key) ?? { generation: newest };
        if (generation < newest && !needed.has(generation)) drop(generations, key);
      }
    },
    forget(name) {
      state.transaction(() => {
        for (const key of keysOf(name)) drop(generations, key);
        drop(statuses, statusKey(name));
      });
    },
  };
}
