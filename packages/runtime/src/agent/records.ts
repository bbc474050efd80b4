import { freshSchedule, type ScheduleState } from "@caisson/core/run";
import type { Identity, Launch, Resource, Unit } from "@caisson/core/run";
import type { RunRecord } from "../drivers/driver.ts";
import type { Binding } from "../providers/bind.ts";

/** What the state keeps of a resource, one for each generation that may still run. Key `resource/NAME/GENERATION`. */
export interface GenerationRecord {
  readonly resource: Resource;
  readonly generation: number;
  readonly launch: Launch;
  readonly binding: Binding | null;
  readonly identity: Identity;
  /** Names and conditions of its `needs` edges. */
  readonly needs: readonly { readonly resource: string; readonly condition: "started" | "healthy" | "completed" }[];
  /** Optional resources it refers to that were on when it was made. */
  readonly optionals?: readonly string[];
  /** Absolute folder of the stack's root when this generation was made. */
  readonly root: string;
}

/** What is known of a resource across generations. Key `status/NAME`. */
export interface StatusRecord {
  readonly generation: number;
  readonly replicas: number;
  /** Stopped by hand. */
  readonly stopped: boolean;
  /** A job's: how its last run of the current generation ended. */
  readonly succeeded: boolean | null;
  /** Volume ids of the stores a job last ran against, by store. */
  readonly ranAgainst: Readonly<Record<string, string>>;
  /** A schedule's: which slots were dealt with, and which wait. */
  readonly schedule: ScheduleState;
}

/** A live run. Key `unit/NAME/REPLICA/GENERATION`. */
export interface UnitRecord {
  readonly unit: Unit;
  readonly run: RunRecord | null;
  /** Ports of this replica alone, by port name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Wall clock of the monotonic times in `unit`: epoch ms minus monotonic ms. */
  readonly clockOffset: number;
}

export const resourceKey = (name: string, generation: number): string => `resource/${name}/${generation}`;
export const statusKey = (name: string): string => `status/${name}`;
export const unitRecordKey = (key: string): string => `unit/${key}`;

/** A status before anything happened. */
export const freshStatus: StatusRecord = {
  generation: 0,
  replicas: 0,
  stopped: false,
  succeeded: null,
  ranAgainst: {},
  schedule: freshSchedule,
};
