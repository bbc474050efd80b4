import type { Expression } from "./expression.ts";

/**
 * Which image: one of the catalogue's by the program that runs in it and its release line (`postgres`, `18`), whose tag and
 * digest are in versions.json; the stack's own, built from its programs; or one somebody else built.
 */
export type ContainerImage =
  | { readonly kind: "catalogue"; readonly name: string; readonly line?: string }
  | { readonly kind: "stack" }
  | { readonly kind: "reference"; readonly reference: string };

/**
 * How a resource runs in a container, by the contract of its image. Without capabilities, new privileges and a writable
 * root unless it says otherwise. In its expressions, as in those of the resource's files, a `path` of kind `volume` is
 * where `mounts` puts it, `file` where `files` puts it, `runtime` is /tmp, `binary` the program's name.
 */
export interface ContainerFacet {
  readonly image: ContainerImage;
  /** In place of the image's entrypoint. */
  readonly entrypoint?: readonly Expression[];
  /** In place of the image's command; empty: the image's. */
  readonly command: readonly Expression[];
  readonly env: Readonly<Record<string, Expression>>;
  /** Numbers, for an image's names mean nothing to a host. Never 0 unless the program cannot do without. */
  readonly user: ContainerUser;
  /** Default `true`: writes go to volumes and `tmpfs`. */
  readonly readOnlyRoot: boolean;
  /** Folders in memory; /tmp is always one. */
  readonly tmpfs: readonly ContainerTmpfs[];
  /** Linux capabilities by name (`NET_BIND_SERVICE`). Default none. */
  readonly capAdd: readonly string[];
  readonly mounts: readonly ContainerMount[];
  /** Of the resource's file slots, those placed or filled otherwise than by default; see {@link ContainerFile}. */
  readonly files: Readonly<Record<string, ContainerFile>>;
  /** Files and folders of the host it reads, never writes (`/proc`, for a host's metrics); `engineSocket` is wherever the engine has it. */
  readonly hostPaths: readonly { readonly host: string; readonly path: string }[];
  /** Numbers ports have inside where those differ from the ones people know (80 outside, 8080 inside). */
  readonly ports: Readonly<Record<string, number>>;
  /** What the image can run to test itself; absent: it has no tool for that. */
  readonly health?: ContainerHealth;
  /** Size of /dev/shm in bytes. Default the engine's, 64 MB. */
  readonly shmBytes?: number;
  readonly ulimits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
  /** `true`: a reaper is process 1, for programs that do not collect children or take signals there. */
  readonly init: boolean;
  readonly log: LogRotation;
}

/** Whom a container's program runs as, inside. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
}

/** A folder in memory; owned by the user of the container, mode 0700, unless it says otherwise. */
export interface ContainerTmpfs {
  readonly path: string;
  readonly bytes?: number;
  readonly mode?: number;
}

/** Where a volume is mounted: the path that this very image uses, or the data is lost with the container. */
export interface ContainerMount {
  readonly volume: string;
  readonly path: string;
  /** `true`: the image has the folder and it is its user's, so a new volume is too; otherwise it is given to the user. */
  readonly ownedByImage: boolean;
}

/**
 * A file slot in a container. By default at /run/secrets/NAME where it holds a secret, else at /etc/caisson/NAME, owned by
 * the container's user, with the slot's mode.
 */
export interface ContainerFile {
  readonly path?: string;
  /** In place of the slot's content, where a container needs another (who may connect, say). */
  readonly content?: Expression;
  readonly mode?: number;
}

/** A command inside the image; 0 is healthy. `weak`: it can only test that a port is open. */
export interface ContainerHealth {
  readonly argv: readonly Expression[];
  readonly weak: boolean;
  /** Failures in a row until the container is unhealthy, which Swarm ends. Default the probe's. */
  readonly failureThreshold?: number;
}

/** Logs are kept up to `files` times `maxBytes`. */
export interface LogRotation {
  readonly maxBytes: number;
  readonly files: number;
}
