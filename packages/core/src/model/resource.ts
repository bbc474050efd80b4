import type { ContainerFacet } from "./container.ts";
import type { Program } from "./contract.ts";
import type { Expression, Strength } from "./expression.ts";
import type { Problem } from "../errors/problem.ts";
import type { Derivation } from "../derive/derivation.ts";
import type { Alert, MetricsFacet, PanelRow } from "./monitoring.ts";
import type { ModuleFile } from "./module-file.ts";
import type { PodFacet, PodPart } from "./pod-part.ts";
import type { ValueKind } from "./value.ts";

/** `component` is a part of the catalogue (a store, an edge); the others run programs of the stack's own. */
export type ResourceKind = "component" | "service" | "job" | "schedule" | "command" | "external";

/** What a dependant waits for. compose-spec's words: started, healthy, completed successfully. */
export type Condition = "started" | "healthy" | "completed";

/** An edge written by hand (`after: [migrate]`) or derived from a reference. */
export interface Dependency {
  readonly resource: string;
  readonly strength: Strength;
  readonly condition: Condition;
}

/** Where a port can be reached from outside the stack. */
export type Published = "never" | "dev" | "always";

/** A port a resource listens on. */
export interface Port {
  readonly name: string;
  /** The port people know; a target may move it when it is taken, unless `fixed`. */
  readonly number: number;
  readonly protocol: "http" | "ws" | "postgres" | "redis" | "mqtt" | "kafka" | "tcp";
  readonly fixed: boolean;
  /** `always`: reachable from outside the stack (on loopback in `dev`); `dev`: on loopback there, nowhere else (a store). */
  readonly published: Published;
  /** It answers a TLS handshake that comes first, with a certificate that ends some day. */
  readonly tls?: true;
}

/** A probe demands a reply in the port's protocol; a bare TCP connect is not one. */
export type Probe =
  | { readonly kind: "http"; readonly port: string; readonly path: string }
  | {
      readonly kind: "postgres";
      readonly port: string;
      readonly user: string;
      readonly database: string;
      /** Asked through TLS; with an authority, a file, of whoever has a certificate of it for its own name. */
      readonly tls?: { readonly authority?: Expression };
    }
  | {
      readonly kind: "redis";
      readonly port: string;
      readonly passwordFile?: Expression;
      /** `true`: it is a node of a cluster, whose every slot must be served. */
      readonly cluster?: boolean;
    }
  | { readonly kind: "mqtt"; readonly port: string; readonly user: string; readonly passwordFile: Expression }
  | { readonly kind: "kafka"; readonly port: string }
  | { readonly kind: "log-line"; readonly pattern: string }
  | { readonly kind: "exec"; readonly argv: readonly string[] };

/** When to probe, in milliseconds; until ready a target probes at once and often, whatever `intervalMs` says. */
export interface ProbeTiming {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
  /** Where the target itself runs the checks: failures within `startPeriodMs` do not count, asked each `startIntervalMs`. */
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
}

/** A file a component reads. What contains a secret can only go here (or into a program's config file). */
export interface FileSlot {
  readonly name: string;
  readonly content: Expression;
  /** Octal mode; a file with a secret is never wider than 0600. */
  readonly mode: number;
}

/** Data that outlives the process. */
export interface Volume {
  readonly name: string;
  /** The data's major version, stamped into the folder; a jump is refused. */
  readonly dataMajor: number;
  /** What is lost with it: what was seen (`history`), or what comes back by itself (`cache`). Absent: data that nobody else has. */
  readonly holds?: "history" | "cache";
}

/** How a component runs as a process. `path` expressions of kind `binary` name what the provider must bring. */
export interface ProcessFacet {
  /** Which programs can play the part; the first that the host has, at a supported major, is bound. */
  readonly provider: {
    /** A name of `versions.json`; a product that no host's program plays is refused by name, with what to do. */
    readonly product: string;
    readonly major: number;
    readonly extensions: readonly string[];
  };
  /** Commands that fill a new volume, in order. They see a staging folder that becomes the volume when all succeed. */
  readonly prepare: readonly (readonly Expression[])[];
  /** How a lost secret is replaced while the component is stopped: a command, and the text on its standard input. */
  readonly reset: Readonly<Record<string, { readonly argv: readonly Expression[]; readonly stdin: Expression }>>;
  readonly argv: readonly Expression[];
  readonly env: Readonly<Record<string, Expression>>;
  /** `service`: never as root; as root, run under the service user. */
  readonly user: "service" | "self";
}

/** One idempotent step that makes a store usable, run over its wire protocol before any dependant starts. */
export type ProvisionStep =
  | { readonly kind: "postgres-role"; readonly role: string; readonly password: Expression }
  | {
      readonly kind: "postgres-replication";
      readonly role: string;
      readonly password: Expression;
      /** Keeps what the replica has not read yet. */
      readonly slot: string;
    }
  | { readonly kind: "postgres-membership"; readonly role: string; readonly memberOf: string }
  | { readonly kind: "postgres-database"; readonly database: string; readonly owner: string }
  | {
      readonly kind: "postgres-extension";
      readonly database: string;
      readonly extension: string;
      readonly optional: boolean;
    }
  | { readonly kind: "postgres-schema"; readonly database: string; readonly schema: string; readonly owner: string }
  | {
      readonly kind: "postgres-access";
      readonly database: string;
      readonly role: string;
      readonly owner: string;
      readonly read: readonly string[];
      readonly write: readonly string[];
    };

/** What others may refer to, and what such a reference asks for. */
export interface Output {
  readonly type: ValueKind;
  readonly value: Expression;
  readonly strength: Strength;
  readonly condition: Condition;
  /** The resource to wait for instead of this one: a store's provision job. */
  readonly gate?: string;
  /** What whoever takes it reads beside its own files; `path` expressions of the value stand for them there. */
  readonly files?: readonly FileSlot[];
}

export interface RestartPolicy {
  readonly policy: "always" | "on-failure" | "no";
  /** First delay after a crash; doubles, with jitter, up to `maxDelayMs`. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** Running this long without a crash starts the count anew. */
  readonly resetAfterMs: number;
  /** Crashes in a row after which the state is CrashLoop; retries then go on at `maxDelayMs`. */
  readonly crashLoopAfter: number;
}

export interface StopPolicy {
  readonly signal: "SIGTERM" | "SIGINT" | "SIGQUIT";
  /** After this long what still runs is killed. */
  readonly graceMs: number;
}

/** Limits and reservations of one replica. Absent = not limited. `memory` in bytes. */
export interface Resources {
  readonly limits: { readonly cpus?: number; readonly memory?: number; readonly pids?: number };
  readonly reservations: { readonly cpus?: number; readonly memory?: number };
}

export interface ScheduleSpec {
  /** Five fields of cron. */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly overlap: "skip" | "queue";
  readonly missed: "none" | "last" | "all";
  readonly jitterMs: number;
}

/** Connections a store offers, and connections a resource takes of a store (per replica). */
export interface PoolUse {
  readonly resource: string;
  readonly size: number;
}

/** From which level on a program writes log lines; those of the kit. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/**
 * A node of the graph: a record of facets, frozen plain data. A projection reads one facet across all resources; it
 * never asks which component it has before it.
 */
export interface Resource {
  readonly kind: ResourceKind;
  readonly modelVersion: 1;
  /** `postgres`, `redis`, `nginx` or `program`. */
  readonly component: string;
  /** Version of the catalogue's defaults for this component; a change of it is a plan line of its own. */
  readonly catalogueVersion: number;
  readonly name: string;
  readonly optional: boolean;
  /** Empty: always on. Otherwise on when one of them is. */
  readonly profiles: readonly string[];
  /** The class that names the networks on which it is reached. */
  readonly network?: string;
  readonly renamedFrom?: string;
  /** The certificate that whoever connects verifies: by which authority, under which names. */
  readonly verified?: {
    readonly certificate: Expression;
    readonly authority: Expression;
    readonly names: readonly string[];
  };
  /** Why it is not there yet: a contract without a program. */
  readonly planned?: string;
  readonly after: readonly Dependency[];
  readonly program?: Program;
  readonly config: Readonly<Record<string, Expression>>;
  /** Absent: the program's own. */
  readonly logLevel?: LogLevel;
  readonly ports: readonly Port[];
  readonly process?: ProcessFacet;
  readonly container?: ContainerFacet;
  /** Absent: a component that runs in no pod. */
  readonly inPod?: PodFacet;
  /** `true`: talks to hosts outside the stack (mail, chat, certificates); otherwise a target lets it reach none. */
  readonly egress: boolean;
  readonly outputs: Readonly<Record<string, Output>>;
  readonly files: readonly FileSlot[];
  readonly volumes: readonly Volume[];
  readonly ready?: Probe;
  readonly live?: Probe;
  readonly probeTiming: ProbeTiming;
  readonly provision: readonly ProvisionStep[];
  /** The store in which its steps are done, where that is another: an exporter has a role there. */
  readonly provisionIn?: string;
  /** Of a member of a pod: as many as the pod has. */
  readonly replicas: number;
  /** Whom it shares a container with, where there are containers. */
  readonly pod?: PodPart;
  /** Of a pod itself, which is a resource only where there are containers: what runs in it. */
  readonly members?: readonly Resource[];
  readonly restart: RestartPolicy;
  readonly stop: StopPolicy;
  /** The signal by which it reads its certificates again. Absent: it is restarted for a new one. */
  readonly reload?: "SIGHUP";
  readonly resources: Resources;
  readonly schedule?: ScheduleSpec;
  readonly connections?: number;
  readonly pools: readonly PoolUse[];
  /** Where it serves metrics. A program needs none: its contract says where and which. */
  readonly metrics?: readonly MetricsFacet[];
  /** Alerts about it, beside those that every resource with metrics gets. */
  readonly alerts?: readonly Alert[];
  /** Panels about it, beside those that every program gets. */
  readonly panels?: readonly PanelRow[];
  /** Questions it answers about the stack, in whose words, at which of its ports: what a Grafana takes for a data source. */
  readonly answers?: { readonly as: "prometheus" | "victoriametrics" | "loki" | "jaeger"; readonly port: string };
  /** Files of it that follow from the whole stack. */
  readonly derives?: Derivation;
  /** Services each client of which it keeps with one replica: several need an address each. */
  readonly tellsApart?: readonly string[];
  /** Of an Alertmanager: no receiver is configured. */
  readonly tellsNobody?: true;
  /** Who logs in where, for the endpoints table: user and the secret's name, never its value. */
  readonly logins: readonly { readonly user: string; readonly secret: string }[];
  /** Files of the program's sources, hashed by the loader so that an edit restarts what runs them. */
  readonly sources: readonly ModuleFile[];
  /** What the component found wrong with its options; reported with all other problems of the stack. */
  readonly problems: readonly Problem[];
}
