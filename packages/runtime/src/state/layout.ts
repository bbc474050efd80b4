import { createHash } from "node:crypto";
import { isAbsolute, join } from "node:path";

/** What decides where things live. `root`: the stack's folder, absolute and without symbolic links. */
export interface LayoutInput {
  readonly root: string;
  readonly stack: string;
  readonly environment: string;
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tmpdir: string;
}

/** Where the parts of one stack and environment live. Folders are made by {@link prepareFolders}. */
export interface Layout {
  /** 0700, ours alone. */
  readonly stateFolder: string;
  readonly stateFile: string;
  readonly lockFile: string;
  readonly secretsFolder: string;
  /** 0700 in a shared place: must be verified to be ours. */
  readonly socketFolder: string;
  readonly socket: string;
  /** Shared by all stacks of this user, whatever its session's environment. 0700. */
  readonly hostFolder: string;
  readonly leasesFile: string;
  /** Node's compile cache, for the agent and the programs it starts. */
  readonly compileCache: string;
  /** Parent of the instances' folders. */
  readonly instancesFolder: string | undefined;
}

/** Where one instance keeps what its children must reach, which may run as another user. */
export interface InstanceLayout {
  readonly folder: string;
  /** Mode of `folder`: 0755 as root, so that the service user gets to its own 0700 folders below. */
  readonly mode: number;
  readonly binaries: string;
  readonly data: string;
  readonly files: string;
  readonly runs: string;
  readonly logs: string;
}

const rootFolder = "/var/lib/caisson";

/** Unix sockets fail above 107 bytes on Linux, 103 on macOS. */
const longestSocketPath = 103;

/** Pure. The socket's name is a hash, as a deep clone's path would not fit into a socket's address. */
export function layout(input: LayoutInput): Layout {
  const { root, stack, environment, uid, env, tmpdir } = input;
  const stateFolder = join(root, ".caisson", stack, environment);
  const shared = join(tmpdir, `caisson-${uid}`);
  const name = `${createHash("sha256")
    .update(JSON.stringify([root, stack, environment]))
    .digest("hex")
    .slice(0, 16)}.sock`;
  const runtime = env.XDG_RUNTIME_DIR;
  const candidates = [
    // Root's session is not always there: what the host's service manager starts and what a shell asks must meet.
    ...(uid === 0 ? [join(rootFolder, "sockets")] : []),
    ...(runtime !== undefined && isAbsolute(runtime) ? [join(runtime, "caisson")] : []),
    shared,
    `/tmp/caisson-${uid}`,
  ];
  const fits = (folder: string): boolean => Buffer.byteLength(join(folder, name)) <= longestSocketPath;
  const socketFolder = candidates.find(fits) ?? `/tmp/caisson-${uid}`;
  // Not XDG_RUNTIME_DIR: a cron job or `su` has none, and two leases' files would hand out one port twice.
  const hostFolder = uid === 0 ? rootFolder : shared;
  return {
    stateFolder,
    stateFile: join(stateFolder, "state.db"),
    lockFile: join(stateFolder, "agent.lock"),
    secretsFolder: join(stateFolder, "secrets"),
    socketFolder,
    socket: join(socketFolder, name),
    hostFolder,
    leasesFile: join(hostFolder, "ports.db"),
    compileCache: join(hostFolder, "compile-cache"),
    instancesFolder: uid === 0 ? rootFolder : undefined,
  };
}

/**
 * Pure. As root children run as the service user, which cannot enter a clone under a 0700 home; so what they need is
 * under /var/lib/caisson. Otherwise it stays beside the state.
 */
export function instanceLayout(of: Layout, instance: string): InstanceLayout {
  const asRoot = of.instancesFolder !== undefined;
  const folder = asRoot ? join(of.instancesFolder, instance) : of.stateFolder;
  return {
    folder,
    mode: asRoot ? 0o755 : 0o700,
    binaries: join(folder, "bin"),
    data: join(folder, "data"),
    files: join(folder, "files"),
    runs: join(folder, "runs"),
    logs: join(folder, "logs"),
  };
}
