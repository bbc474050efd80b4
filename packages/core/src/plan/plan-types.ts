import type { Json } from "../model/expression.ts";
import type { ResourceKind } from "../model/resource.ts";
import type { Health, State } from "./lifecycle-types.ts";

/** Hashes of what a resource is made of; which one differs is the cause a plan line names. */
export interface Identity {
  /** The resolved config, files, argv, limits: with secret version ids, never values. */
  readonly config: string;
  /** The program's sources and dependencies, or the provider's name and version. */
  readonly program: string;
  readonly catalogue: number;
}

/** One resource as it should be. */
export interface DesiredResource {
  readonly name: string;
  readonly kind: ResourceKind;
  readonly identity: Identity;
  readonly replicas: number;
  /** Volumes by name with the data's major version. */
  readonly volumes: readonly { readonly name: string; readonly dataMajor: number }[];
  readonly component: string;
  readonly renamedFrom?: string;
  readonly needs: readonly { readonly resource: string; readonly condition: "started" | "healthy" | "completed" }[];
  /** Names of the optional resources it refers to that are on; one that appears or goes is the cause of its change. */
  readonly optionals?: readonly string[];
  /** `false`: declared but not started by `up` (a command, a schedule waiting for its slot is `true`). */
  readonly start: boolean;
}

/** One resource as it was found. */
export interface ObservedResource {
  readonly name: string;
  readonly kind: ResourceKind;
  readonly component: string;
  readonly generation: number;
  readonly identity: Identity;
  readonly replicas: number;
  readonly state: State;
  readonly health: Health;
  /** Stopped by hand (`caisson stop`): `up` starts it again. */
  readonly stopped: boolean;
  /** A job's: how its last run of this identity ended; `null` = it never ran to an end. */
  readonly succeeded: boolean | null;
  /** Ids of the volumes this job last ran against, by store name; a new id means new data. */
  readonly ranAgainst: Readonly<Record<string, string>>;
  readonly volumes: readonly ObservedVolume[];
  /** As in the desired resource this generation was made from. */
  readonly optionals?: readonly string[];
  /** Names of what this generation needs or refers to; what is removed goes after those that used it. */
  readonly references?: readonly string[];
}

/** A data folder found. `id` is random, made with the data. */
export interface ObservedVolume {
  readonly resource: string;
  readonly name: string;
  readonly id: string;
  readonly dataMajor: number;
  readonly component: string;
  readonly instance: string;
}

/** Everything observed before planning; nothing later asks the world. */
export interface Observed {
  readonly instance: string;
  readonly resources: readonly ObservedResource[];
  /** Volumes of any resource, also of those no longer in state. */
  readonly volumes: readonly ObservedVolume[];
}

/** One external call of the executor, with its cause. `after`: ids of operations that must have succeeded first. */
export interface Operation {
  readonly id: number;
  readonly after: readonly number[];
  readonly cause: string;
  readonly action: Action;
}

export type Action =
  | { readonly type: "create-volume"; readonly resource: string; readonly volume: string }
  | { readonly type: "rename-volumes"; readonly from: string; readonly to: string }
  | { readonly type: "deliver-files"; readonly resource: string; readonly generation: number }
  | { readonly type: "set-desired"; readonly resource: string; readonly generation: number; readonly replicas: number }
  | { readonly type: "await"; readonly resource: string; readonly condition: "started" | "healthy" | "completed" }
  | { readonly type: "remove"; readonly resource: string };

/** What `up` will do, printable before it does it. `unchanged` names what is already as it should be. */
export interface Plan {
  readonly operations: readonly Operation[];
  readonly unchanged: readonly string[];
  /** Questions a person (or `--yes`) must answer first: recreating or abandoning data. */
  readonly confirmations: readonly { readonly resource: string; readonly message: string }[];
  readonly notes: readonly Json[];
}
