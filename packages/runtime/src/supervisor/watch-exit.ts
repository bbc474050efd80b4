import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { untilBeat } from "./beat.ts";
import { inspectRun } from "./adopt.ts";
import type { RunStatus } from "./adopt.ts";
import { readExitFile } from "./exit-file.ts";
import type { RunExit } from "./exit-file.ts";
import { isSameProcess } from "./proc.ts";
import type { Run } from "./run.ts";

/** How to watch a run. */
export interface WatchExitOptions {
  /** Ends the watch; the promise then rejects with its reason. The run goes on. */
  readonly signal?: AbortSignal;
  /** Times the run hit its memory limit, of its limit handle; more than none makes a bad exit an `oom`. */
  readonly oomCount?: () => number;
  /** How often to look whether the shim itself is still there, ms. Default 1000. */
  readonly pollMs?: number;
}

/**
 * Resolves when a run is over, own child or adopted alike: the shim's status file is watched, so the answer comes within
 * milliseconds, and a slow look at the shim covers what leaves no status (the shim killed, a host without file events).
 * A run whose shim was killed is over when its program is gone too.
 */
export function watchExit(run: Run, options: WatchExitOptions = {}): Promise<RunExit> {
  const { signal, oomCount, pollMs = 1000 } = options;
  return new Promise((resolve, reject) => {
    let watcher: FSWatcher | undefined;
    let proven = false;
    const look = (): void => {
      // Once proven to be ours, id and start time suffice: this runs every second for every run.
      const status = unlessBusy(() =>
        proven && isSameProcess(run.pid, run.startTime) ? readStatus(run) : inspectRun(run),
      );
      if (status === undefined) return;
      proven ||= status.state === "alive" && status.shim;
      if (status.state === "alive") return;
      stop();
      const exit: RunExit =
        status.state === "exited" ? status.exit : { code: null, signal: null, oom: false, lost: true, at: Date.now() };
      // a program may lose a worker to its limit and still end well, long after
      resolve({ ...exit, oom: exit.code !== 0 && (oomCount?.() ?? 0) > 0 });
    };
    let timer: NodeJS.Timeout | undefined;
    const poll = (): void => {
      timer = setTimeout(() => {
        poll();
        look();
      }, untilBeat(pollMs));
    };
    const stop = (): void => {
      clearTimeout(timer);
      watcher?.close();
      signal?.removeEventListener("abort", abort);
    };
    const abort = (): void => {
      stop();
      reject(signal?.reason);
    };
    if (signal?.aborted === true) return abort();
    signal?.addEventListener("abort", abort);
    watcher = watchFolder(run.runDir, look);
    poll();
    look(); // after the watch began: nothing is missed in between
  });
}

/** The status of a run whose shim is known to live. */
function readStatus(run: Run): RunStatus {
  const exit = readExitFile(run.runDir);
  return exit === undefined ? { state: "alive", shim: true } : { state: "exited", exit };
}

/** Undefined when the answer cannot be had now (no descriptor left); the next look may. */
function unlessBusy<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EMFILE" || code === "ENFILE" || code === "ENOMEM") return undefined;
    throw error;
  }
}

/** File events of a folder, where they can be had; without them the slow look alone serves. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, onEvent);
    watcher.on("error", () => watcher.close()); // the folder went away, or the host has no watches left
    return watcher;
  } catch {
    return undefined; // the same, said at once
  }
}
