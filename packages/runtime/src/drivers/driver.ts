import type { Exit, StopPolicy, UnitId } from "@caisson/core/run";

/** Everything a driver needs to run one replica: no expression, no secret, plain data. */
export interface RunSpec {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Absent: as ourselves. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Where this run's status lives; made anew for each run. */
  readonly runFolder: string;
  readonly logFile: string;
  /** Unique per run; how a later agent recognises what belongs to it. */
  readonly marker: string;
  readonly limits: { readonly cpus?: number; readonly memory?: number; readonly pids?: number };
  /** For a driver that runs containers. `argv` is then the image's command, empty for its own. */
  readonly container?: ContainerRun;
}

/** What a container has beyond a process: plain data, nothing late and no secret. */
export interface ContainerRun {
  /** The replica's number is added. */
  readonly name: string;
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly user: string;
  readonly readOnlyRoot: boolean;
  /** Options by path. */
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly capAdd: readonly string[];
  readonly init: boolean;
  readonly ulimits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
  readonly shmBytes?: number;
  readonly reservedMemory?: number;
  readonly mounts: readonly {
    readonly type: "bind" | "volume";
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
    /** `true`: an empty volume stays empty, where the image has content at `target`. */
    readonly noCopy?: boolean;
  }[];
  readonly networks: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly ports: readonly { readonly inner: number; readonly host: number; readonly address: string }[];
  /** What the engine itself runs to tell health to its own tools. */
  readonly health?: {
    readonly argv: readonly string[];
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly retries: number;
    readonly startPeriodMs: number;
  };
  readonly stopSignal: string;
  /** How long the engine itself waits where somebody else stops the container, or the host goes off. */
  readonly stopGraceMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly log: { readonly maxBytes: number; readonly files: number };
}

/** One thing about a run that is not as it was started, in words for people. Never a value that may be secret. */
export interface FieldDifference {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** A run as stored in the state: whatever the driver needs to find it again. Plain data. */
export interface RunRecord {
  readonly driver: string;
  readonly marker: string;
  /** For people and for `ps`; `null` where the target has none. */
  readonly pid: number | null;
  readonly data: unknown;
}

/** What became of a stored run. `foreign`: the process id now belongs to somebody else, who must not be touched. */
export type Adoption =
  | { readonly found: "alive" }
  | { readonly found: "ended"; readonly exit: Exit }
  | { readonly found: "lost" | "foreign" };

/** Facts about a target that the engine reads instead of asking which target it is. */
export interface DriverCapabilities {
  /** A new generation may listen on the old one's port beside it. */
  readonly sharedPorts: boolean;
  readonly limits: boolean;
}

/**
 * A target that runs things. Each call is one external action; the driver takes no decision and keeps no policy. It
 * never signals or adopts a process whose identity it cannot prove.
 */
export interface Driver {
  readonly name: string;
  readonly capabilities: DriverCapabilities;
  /** Starts a run. Throws a CaissonError that says why it could not. */
  spawn(id: UnitId, spec: RunSpec): Promise<RunRecord>;
  /** Resolves when the run has ended and none of its descendants is left. */
  ended(record: RunRecord): Promise<Exit>;
  /** Sends the declared stop signal, or the one to read files again. A run that is gone is not an error. */
  signal(record: RunRecord, signal: StopPolicy["signal"] | "SIGHUP"): Promise<void>;
  /** Ends the run and everything it started, now. */
  kill(record: RunRecord): Promise<void>;
  adopt(record: RunRecord): Promise<Adoption>;
  /** Ends what carries our marker but stands in no record: the trace of a crash between a start and its record. */
  sweep(known: readonly RunRecord[], markerPrefix: string): Promise<number>;
  /** Lets go of watchers without touching what runs. */
  close(): void;
}
