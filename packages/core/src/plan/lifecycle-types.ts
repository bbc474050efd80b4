import type { Condition, ResourceKind, RestartPolicy, StopPolicy } from "../model/resource.ts";

/** Where a unit is in its life. `Completed`: a job that ended well; `Failed`: one that will not be tried again. */
export type State = "Waiting" | "Starting" | "Running" | "Stopping" | "Exited" | "Completed" | "Failed" | "CrashLoop";

/** What its probes say; always `Unknown` while nothing runs. */
export type Health = "Unknown" | "Ready" | "Unhealthy";

/** How a run ended. `signal` is set when a signal ended it; `oom` when the memory limit did. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly oom: boolean;
}

/** Addresses one run: replica `replica` of a resource, at a generation. A new generation is a new run spec. */
export interface UnitId {
  readonly resource: string;
  readonly replica: number;
  readonly generation: number;
}

/** What the engine was told to want of a resource: the newest generation's policies and gates. */
export interface DesiredUnitSpec {
  readonly resource: string;
  readonly generation: number;
  readonly kind: ResourceKind;
  readonly replicas: number;
  readonly restart: RestartPolicy;
  readonly stop: StopPolicy;
  /** `true`: has a readiness probe; without one it is Ready when it runs (a service) or when it completed (a job). */
  readonly probed: boolean;
  /** Edges of strength `needs` only. */
  readonly needs: readonly { readonly resource: string; readonly condition: Condition }[];
  /** How an older generation gives way: the new one must be ready first, or the old one stops first. */
  readonly replace: "start-first" | "stop-first";
  /** How long a new generation may take to be ready before the old one is kept (`start-first`), ms. */
  readonly readyWithinMs: number;
}

/** One replica at one generation, as the reducer keeps it. Plain data; times are of the monotonic clock, ms. */
export interface Unit extends UnitId {
  readonly state: State;
  readonly health: Health;
  readonly since: number;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  /** Crashes in a row; 0 again after the policy's `resetAfterMs` of running. */
  readonly crashes: number;
  readonly restarts: number;
  readonly exit: Exit | null;
  /** Names this unit waits for; empty unless `Waiting` on gates. */
  readonly waitingFor: readonly string[];
  /** One sentence for people: last probe output, why it stopped, when it is tried again. */
  readonly detail: string;
}

/** What happens to the engine. `at`: monotonic ms. Events of a run carry its generation; stale ones are dropped. */
export type LifecycleEvent =
  | { readonly type: "desire"; readonly at: number; readonly spec: DesiredUnitSpec }
  | { readonly type: "stop"; readonly at: number; readonly resource: string }
  | { readonly type: "start"; readonly at: number; readonly resource: string }
  | { readonly type: "restart"; readonly at: number; readonly resource: string }
  | { readonly type: "remove"; readonly at: number; readonly resource: string }
  | { readonly type: "down"; readonly at: number; readonly force: boolean }
  | ({ readonly type: "adopted"; readonly at: number; readonly startedAt: number } & UnitId)
  | ({ readonly type: "spawned"; readonly at: number } & UnitId)
  | ({ readonly type: "spawn-failed"; readonly at: number; readonly reason: string } & UnitId)
  // `ready` decides the health and never restarts anything (a service whose database is down is not ready, and not
  // broken either); `live` with ok = false, sent once its failure threshold is reached, restarts the unit. Before a
  // unit was ever ready, a failing `ready` only carries its detail, for `why`.
  | ({
      readonly type: "probe";
      readonly at: number;
      readonly probe: "ready" | "live";
      readonly ok: boolean;
      readonly detail: string;
    } & UnitId)
  | ({ readonly type: "exited"; readonly at: number; readonly exit: Exit } & UnitId)
  | ({ readonly type: "timer"; readonly at: number; readonly timer: Timer } & UnitId);

/** `backoff`: try again; `stable`: ran long enough to forget its crashes; `grace`: kill now; `ready`: rollout deadline. */
export type Timer = "backoff" | "stable" | "grace" | "ready";

/** What the engine must do. Each is one call of the driver, a timer, or a record; the driver decides nothing. */
export type Effect =
  | ({ readonly type: "spawn" } & UnitId)
  | ({ readonly type: "signal"; readonly signal: StopPolicy["signal"] } & UnitId)
  | ({ readonly type: "kill" } & UnitId)
  | ({ readonly type: "watch" } & UnitId) // start probing
  | ({ readonly type: "unwatch" } & UnitId)
  | ({ readonly type: "set-timer"; readonly timer: Timer; readonly delayMs: number } & UnitId)
  | ({ readonly type: "clear-timer"; readonly timer: Timer } & UnitId)
  | ({ readonly type: "changed"; readonly unit: Unit } & UnitId) // tell listeners, journal it
  | ({ readonly type: "gone" } & UnitId); // the unit is forgotten: its files and addresses may go
