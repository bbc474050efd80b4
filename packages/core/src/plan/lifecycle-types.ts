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
  /** `true`: has a readiness probe; without one a service is Ready when it runs. A completed job counts as healthy. */
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
  /** Starts by the restart policy since somebody last started it. */
  readonly restarts: number;
  /** How its last run ended; kept while the next one runs. `null`: none has ended. */
  readonly exit: Exit | null;
  /** Names this unit waits for; empty unless `Waiting` on gates. */
  readonly waitingFor: readonly string[];
  /** One sentence for people: last probe output, why it stopped, when it is tried again. */
  readonly detail: string;
  /** Why it is being stopped; `null` unless `Stopping`. */
  readonly stopReason: StopReason | null;
  /** When it is tried again after a crash; `null` while no retry is due. */
  readonly retryAt: number | null;
  /** Until when a new generation must be ready, or the old one is kept; `null` outside of a `start-first` rollout. */
  readonly readyBy: number | null;
}

/** `asked`: by hand or by `down`; `replaced`: by another generation; `surplus`: scaled down; `removed`: from the stack. */
export type StopReason = "asked" | "restart" | "unhealthy" | "replaced" | "surplus" | "removed";

/** What an earlier agent left of a unit: a live process it may take over, or how the last run ended. */
export interface FoundUnit {
  readonly replica: number;
  readonly generation: number;
  readonly state: "Running" | "Exited" | "Completed" | "Failed";
  readonly startedAt: number | null;
  /** When it was first ready in this run, if it was. */
  readonly readyAt: number | null;
  readonly exit: Exit | null;
  readonly crashes: number;
  readonly restarts: number;
  readonly detail: string;
}

/** What happens to the engine. `at`: monotonic ms. Events of a run carry its generation; stale ones are dropped. */
export type LifecycleEvent =
  // `found` and `stopped` are for an agent that starts: what runs already is taken over in the same step in which it
  // becomes wanted, so that no second copy is spawned; `stopped` makes a resource known without starting it.
  | {
      readonly type: "desire";
      readonly at: number;
      readonly spec: DesiredUnitSpec;
      readonly found?: readonly FoundUnit[];
      readonly stopped?: boolean;
    }
  | { readonly type: "stop"; readonly at: number; readonly resource: string }
  | { readonly type: "start"; readonly at: number; readonly resource: string }
  | { readonly type: "restart"; readonly at: number; readonly resource: string }
  | { readonly type: "remove"; readonly at: number; readonly resource: string }
  | { readonly type: "down"; readonly at: number; readonly force: boolean }
  // Answers of the driver. `spawn` is answered once, by one of the first three; then follows one `exited`. `adopted`:
  // the unit ran already. `random`, 0 <= random < 1, spreads the retry; without it retries are not spread.
  | ({ readonly type: "adopted"; readonly at: number; readonly startedAt: number } & UnitId)
  | ({ readonly type: "spawned"; readonly at: number } & UnitId)
  | ({ readonly type: "spawn-failed"; readonly at: number; readonly reason: string; readonly random?: number } & UnitId)
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
  | ({ readonly type: "exited"; readonly at: number; readonly exit: Exit; readonly random?: number } & UnitId)
  | ({ readonly type: "timer"; readonly at: number; readonly timer: Timer } & UnitId);

/** `backoff`: try again; `stable`: ran long enough to forget its crashes; `grace`: kill now; `ready`: rollout deadline. */
export type Timer = "backoff" | "stable" | "grace" | "ready";

/**
 * What the engine must do, in this order. Each is one call of the driver, a timer, or a record; the driver decides
 * nothing. A `signal` or `kill` that meets a spawn without an answer yet may be dropped: it is repeated after `spawned`.
 */
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

/** One resource across its units. */
export interface ResourceStatus {
  readonly name: string;
  readonly kind: ResourceKind;
  /** Of the unit that most needs a look. */
  readonly state: State;
  readonly health: Health;
  /** The generation that serves: the newest, or the one that was kept. */
  readonly generation: number;
  /** The newest generation asked for; differs from `generation` while a rollout goes on, and after it failed. */
  readonly wantedGeneration: number;
  readonly rollout: "none" | "going" | "failed";
  readonly stopped: boolean;
  readonly replicas: { readonly wanted: number; readonly ready: number };
  readonly since: number;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  readonly restarts: number;
  readonly exit: Exit | null;
  readonly waitingFor: readonly string[];
  readonly detail: string;
}
