import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The launcher, as npm would link it. */
const launcher = fileURLToPath(new URL("../../bin/caisson.cjs", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with what a command runs. Without `env` it gets PATH, HOME, DOCKER_HOST and a cache of its folder only, so the host's settings do not matter. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A command that is running. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once what was written to either stream matches; rejects when the command ends first. */
  readonly says: (pattern: RegExp) => Promise<void>;
}

/** Runs the real command to its end. */
export async function runCli(args: readonly string[], options: RunOptions): Promise<Ended> {
  return await launch(args, options).ended;
}

/** Starts the real command, in a session of its own: a signal reaches it alone. It is killed when the test is over. */
export function startCli(args: readonly string[], options: RunOptions): Running {
  const running = launch(args, options);
  const { child } = running;
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  });
  return running;
}

function launch(args: readonly string[], { cwd, env = {}, input = "" }: RunOptions): Running {
  const child = spawn(process.execPath, ["--", launcher, ...args], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      // Undefined, it is not passed on.
      DOCKER_HOST: process.env["DOCKER_HOST"],
      XDG_CACHE_HOME: join(cwd, ".cache"),
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    heard();
  });
  child.stdin.on("error", () => {}); // it need not read what it is given
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(stdout) && !pattern.test(stderr)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void ended.then((end) => reject(new Error(`ended without saying ${String(pattern)}: ${JSON.stringify(end)}`)));
    });
  return { child, ended, says };
}
