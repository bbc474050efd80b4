import type { Plan, ResolvedStack, Skipped } from "@caisson/core/run";
import type { FieldDifference } from "../drivers/driver.ts";
import type { TargetName } from "../target/target.ts";
import type { Exit, Health, State } from "@caisson/core/run";

/** Version of the agent's API. A newer CLI replaces an older agent, which hands its children over. */
export const protocolVersion = 2;

/** `GET /v1/info`. Times are epoch ms. */
export interface AgentInfo {
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  readonly stack: string;
  readonly environment: string;
  readonly target: TargetName;
  readonly instance: string;
  readonly startedAt: number;
  /** `true`: a foreground `up` holds the lease; when it is lost, the stack goes down in order. */
  readonly leased: boolean;
  /** `true`: an `up` or a `down` is under way. */
  readonly busy: boolean;
  /** What the agent's owner should know: a rebuilt state, a full disk. */
  readonly warnings: readonly string[];
}

/** `POST /v1/up` and `POST /v1/plan`: the whole stack as it should be, worked out by the CLI. */
export interface UpRequest {
  readonly stack: ResolvedStack;
  /** Absolute folder that module files are relative to. */
  readonly root: string;
  /** Hash of each program's sources and dependencies, by resource name. */
  readonly programs: Readonly<Record<string, string>>;
  /** Start only these and what they need; the others are left as they are. Empty: all. */
  readonly only: readonly string[];
  /** Answers yes to the plan's confirmations. */
  readonly yes: boolean;
  readonly allowOvercommit: boolean;
}

/** `POST /v1/plan`. `text` is one line an operation, as `caisson plan` prints it. */
export interface PlanDocument {
  readonly plan: Plan;
  readonly text: string;
  readonly notes: readonly string[];
  readonly skipped: readonly Skipped[];
}

/** A line of the NDJSON stream that answers `up`, `down` and `events`. */
export type AgentEvent =
  | { readonly type: "plan"; readonly text: string; readonly notes: readonly string[] }
  | { readonly type: "resource"; readonly resource: ResourceView }
  | { readonly type: "gone"; readonly name: string }
  | {
      readonly type: "operation";
      readonly id: number;
      readonly text: string;
      readonly status: "done" | "failed" | "cancelled";
      readonly reason?: string;
    }
  | { readonly type: "note"; readonly message: string }
  /** Of an `up`, before its result: how everything is by then. */
  | ({ readonly type: "resources" } & ResourcesDocument)
  | UpResult
  | { readonly type: "error"; readonly code: string; readonly message: string; readonly hint: string };

/** The last line of an `up`: `failed` names what did not reach its condition. */
export interface UpResult {
  readonly type: "result";
  readonly ok: boolean;
  readonly changed: readonly string[];
  readonly failed: readonly { readonly resource: string; readonly reason: string }[];
}

/** One resource as `ps` shows it. Times are epoch ms; `null` = never. */
export interface ResourceView {
  readonly name: string;
  readonly kind: string;
  readonly component: string;
  /** Of a pod: the names of what runs in it. */
  readonly members?: readonly string[];
  readonly state: State;
  readonly health: Health;
  readonly generation: number;
  /** A change of generation under way, or one that did not get ready: the generation before it was kept. */
  readonly rollout: "none" | "going" | "failed";
  readonly replicas: { readonly wanted: number; readonly ready: number };
  readonly since: number;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  readonly restarts: number;
  readonly detail: string;
  readonly waitingFor: readonly string[];
  readonly exit: Exit | null;
  readonly exitCode: number | null;
  readonly pids: readonly number[];
  /** Addresses by port name: `{ http: "http://127.0.0.1:8000" }`; no credentials. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What people open: published HTTP addresses. */
  readonly urls: readonly string[];
  /** Who logs in with which secret; the value is `caisson secret get NAME`'s to show. */
  readonly logins: readonly { readonly user: string; readonly secret: string }[];
  readonly provider: string;
  /** Names of what it needs, for the picture and for `why`. */
  readonly needs: readonly string[];
}

/** `GET /v1/resources`. */
export interface ResourcesDocument {
  readonly resources: readonly ResourceView[];
  readonly skipped: readonly Skipped[];
}

/** A line of `GET /v1/logs`. `time` is epoch ms, as exact as the index allows; `partial`: a piece of an overlong line. */
export interface LogLine {
  readonly resource: string;
  readonly replica: number;
  readonly time: number;
  readonly line: string;
  readonly partial: boolean;
}

/** `GET /v1/logs?resource=a&resource=b&tail=100&since=EPOCH_MS&follow=1`; no resource = all, a pod's member = its lines of the pod's log. */
export interface LogQuery {
  readonly resources: readonly string[];
  readonly tail?: number;
  readonly since?: number;
  readonly follow: boolean;
}

/** `GET /v1/environment/NAME`: how the resource's program is run; secrets are paths of files, never values. */
export interface EnvironmentDocument {
  readonly resource: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** As whom it runs; absent: as the caller. */
  readonly uid?: number;
  readonly gid?: number;
  /** On a target of containers: the one to run beside it in; `null` where none runs. */
  readonly container?: string | null;
}

/** `GET /v1/diff`: what runs, and where it is not as it was started. */
export interface DiffDocument {
  readonly runs: number;
  readonly differences: readonly Difference[];
}

/** In words for people; never a value that may be secret. */
export interface Difference extends FieldDifference {
  readonly resource: string;
  readonly replica: number;
}

/** `POST /v1/one-off/NAME`, on a target of containers: makes a container to run a program in, which the caller starts. */
export interface OneOffRequest {
  /** `own`: the resource's, `args` after its arguments. `other`: `args` is the program and its arguments. */
  readonly program: "own" | "other";
  readonly args: readonly string[];
  readonly terminal: boolean;
}

/** Answers it: the container's id. */
export interface OneOffDocument {
  readonly container: string;
}

/** `POST /v1/down`. Answered by a stream of events; the agent ends after the last. */
export interface DownRequest {
  readonly volumes: boolean;
  readonly force: boolean;
}
