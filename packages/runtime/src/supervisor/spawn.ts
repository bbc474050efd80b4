import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { CaissonError } from "@caisson/core/run";
import { findProgram } from "./find-program.ts";
import { parseStat, readProcess } from "./proc.ts";
import { openRunFiles } from "./run-files.ts";
import { markerVariable } from "./run.ts";
import type { Run, RunIdentity } from "./run.ts";
import { openControl } from "./shim-control.ts";
import type { ShimControl } from "./shim-control.ts";
import { shimName, shimScript } from "./shim.ts";
import { spawnError } from "./spawn-error.ts";
import { untilExec } from "./until-exec.ts";

/** What to start. */
export interface RunSpec {
  readonly argv: readonly string[];
  /** The whole environment; nothing else is added but the marker (and, where /bin/sh is bash, SHLVL). Names as shells know them: `[A-Za-z_][A-Za-z0-9_]*`. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Run as this user and group, without supplementary groups; needs root. Default: as the agent. */
  readonly uid?: number;
  readonly gid?: number;
  readonly umask?: number;
  /** Takes stdout and stderr, appended to; created with mode 0600. */
  readonly logFile: string;
  /** Folder for the status files; must not have served another run. Created with mode 0700. */
  readonly runDir: string;
  /** Unique per run. */
  readonly marker: string;
}

/** Where a caller can step in. */
export interface SpawnHooks {
  /** Called with the shim before the program starts, so that limits hold from its first instruction. A throw starts nothing. */
  readonly place?: (shim: RunIdentity) => void | Promise<void>;
}

/**
 * Starts a program under its shim, in a session of its own; it outlives this process. Resolves once the program's id is
 * known. Rejects with E_PROGRAM_NOT_FOUND, E_PROGRAM_NOT_EXECUTABLE, E_SPAWN_LIMIT, E_SPAWN or E_VALUE; then nothing runs.
 */
export async function spawnRun(spec: RunSpec, hooks: SpawnHooks = {}): Promise<Run> {
  checkEnvironment(spec.env);
  findProgram(spec);
  const shim = await startShim(spec);
  const control = openControl(shim);
  try {
    const identity = identify(shim, spec);
    await hooks.place?.(identity);
    const child = await releaseProgram(control, shim, spec);
    await untilExec(child.childPid, child.childStartTime);
    return { ...identity, ...child, runDir: spec.runDir, logFile: spec.logFile };
  } finally {
    // where "go" was not said, this end of file makes the shim leave
    control.close();
    shim.unref();
  }
}

async function startShim(spec: RunSpec): Promise<ChildProcess> {
  const files = attempt(spec, () => openRunFiles(spec.runDir, spec.logFile));
  try {
    const shim = spawn("/bin/sh", ["-c", shimScript(spec.env, spec.umask), shimName, ...spec.argv], {
      cwd: spec.cwd,
      env: { ...spec.env, [markerVariable]: spec.marker },
      detached: true,
      // the order is `shimDescriptors`
      stdio: [files.stdin, files.log, files.log, "pipe", files.exit, files.child],
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    await new Promise<void>((resolve, reject) => {
      shim.once("spawn", resolve);
      shim.once("error", reject);
    });
    files.close();
    return shim;
  } catch (error) {
    files.discard();
    throw spawnError(error, spec);
  }
}

function identify(shim: ChildProcess, spec: RunSpec): RunIdentity {
  const info = readProcess(shim.pid ?? 0);
  // it waits for our word, and stays a zombie until its exit event: absent only if that event came already
  if (info === undefined)
    throw new CaissonError("E_SPAWN", `cannot start ${spec.argv[0]}: its shim was killed at once`);
  return { pid: info.pid, startTime: info.startTime, marker: spec.marker };
}

async function releaseProgram(
  control: ShimControl,
  shim: ChildProcess,
  spec: RunSpec,
): Promise<Pick<Run, "childPid" | "childStartTime">> {
  const line = await control.go();
  if (line === undefined) {
    const status = shim.exitCode === null ? "" : ` (exit status ${shim.exitCode})`;
    throw new CaissonError(
      "E_SPAWN_LIMIT",
      `cannot start ${spec.argv[0]}: its shell could not make a process${status}`,
    );
  }
  // without /proc the line is the bare id, and the program may be over before `ps` sees it
  const info = parseStat(line) ?? readProcess(Number(line));
  return { childPid: info?.pid ?? Number(line), childStartTime: info?.startTime ?? "" };
}

function checkEnvironment(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !value.includes("\0")) continue;
    throw new CaissonError("E_VALUE", `environment variable ${JSON.stringify(name)}: a shell cannot hand it on`);
  }
}

function attempt<T>(spec: RunSpec, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw spawnError(error, spec);
  }
}
