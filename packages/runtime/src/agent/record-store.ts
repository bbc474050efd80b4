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
  setGeneration(record: GenerationRecord, replicas: number): void;
  status(name: string): StatusRecord;
  setStatus(name: string, change: Partial<StatusRecord>): void;
  setUnit(unit: Unit, run: RunRecord | null, ports: Readonly<Record<string, number>>): void;
  dropUnit(id: UnitId): void;
  units(): readonly UnitRecord[];
  /** Forgets generations older than the newest that none of `live` belongs to. */
  prune(name: string, live: readonly UnitId[]): void;
  forget(name: string): void;
}

/** `clockOffset`: epoch ms minus monotonic ms, kept with each unit because monotonic times end with the boot. */
export function recordStore(state: State, clockOffset: number): RecordStore {
  const status = (name: string): StatusRecord => state.get<StatusRecord>(statusKey(name)) ?? freshStatus;
  const generation = (name: string, number: number): GenerationRecord | undefined =>
    state.get<GenerationRecord>(resourceKey(name, number));
  const generations = (name: string): GenerationRecord[] =>
    state.entries<GenerationRecord>(`resource/${name}/`).map(([, record]) => record);
  return {
    names: () => state.entries(statusKey("")).map(([key]) => key.slice(statusKey("").length)),
    generation,
    latest: (name) => generation(name, status(name).generation),
    setGeneration(record, replicas) {
      const { name } = record.resource;
      const before = status(name);
      const fresh = record.generation !== before.generation;
      state.transaction(() => {
        state.set(resourceKey(name, record.generation), record);
        state.set(statusKey(name), {
          ...before,
          generation: record.generation,
          replicas,
          stopped: false,
          ...(fresh && { succeeded: null }),
        });
      });
    },
    status,
    setStatus: (name, change) => state.set(statusKey(name), { ...status(name), ...change }),
    setUnit: (unit, run, ports) =>
      state.set(unitRecordKey(unitKey(unit)), { unit, run, ports, clockOffset } satisfies UnitRecord),
    dropUnit: (id) => state.delete(unitRecordKey(unitKey(id))),
    units: () => state.entries<UnitRecord>(unitRecordKey("")).map(([, record]) => record),
    prune(name, live) {
      const newest = status(name).generation;
      const needed = new Set(live.filter((id) => id.resource === name).map((id) => id.generation));
      for (const old of generations(name)) {
        if (old.generation < newest && !needed.has(old.generation)) state.delete(resourceKey(name, old.generation));
      }
    },
    forget(name) {
      state.transaction(() => {
        for (const old of generations(name)) state.delete(resourceKey(name, old.generation));
        state.delete(statusKey(name));
      });
    },
  };
}
