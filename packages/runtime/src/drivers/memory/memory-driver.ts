import { CaissonError, type Exit } from "@caisson/core/run";
import type { Driver, RunRecord, RunSpec } from "../driver.ts";

/** How a simulated program behaves; `argv` of its run is `[behaviour, ...arguments]`. */
type MemoryBehaviour =
  | "serve" // runs until told to stop, then exits 0
  | "ignore-signals" // runs until killed
  | "exit" // ends at once with the code of its first argument
  | "missing"; // cannot be started

/** Where simulated programs run. It outlives drivers, as a host outlives agents. */
export interface MemoryHost {
  readonly runs: Map<string, MemoryRun>;
  /** Ends a run from outside, as a crash or an OOM kill would. */
  crash(marker: string, exit: Exit): void;
}

/** One simulated run. */
export interface MemoryRun {
  readonly marker: string;
  readonly spec: RunSpec;
  exit: Exit | undefined;
  readonly listeners: Set<(exit: Exit) => void>;
}

/** A host with nothing on it. */
export function memoryHost(): MemoryHost {
  const runs = new Map<string, MemoryRun>();
  return {
    runs,
    crash(marker, exit) {
      const run = runs.get(marker);
      if (run) end(run, exit);
    },
  };
}

/** The in-memory twin of the process driver: same promises, no process. For tests of what stands above a driver. */
export function memoryDriver(host: MemoryHost): Driver {
  let closed = false;
  const find = (record: RunRecord): MemoryRun | undefined => host.runs.get(record.marker);
  const stop = (record: RunRecord, exit: Exit): Promise<void> => {
    const run = find(record);
    if (run) end(run, exit);
    return Promise.resolve();
  };
  return {
    name: "memory",
    capabilities: { sharedPorts: true, limits: false },
    async spawn(_id, spec) {
      const argument = spec.argv[1];
      // The argv of a simulated program is one of its own words.
      const behaviour = spec.argv[0] as MemoryBehaviour | undefined;
      if (behaviour === "missing" || behaviour === undefined)
        throw new CaissonError("E_PROGRAM_NOT_FOUND", `expected the program ${behaviour ?? ""}, found none`);
      const run: MemoryRun = { marker: spec.marker, spec, exit: undefined, listeners: new Set() };
      host.runs.set(spec.marker, run);
      if (behaviour === "exit")
        queueMicrotask(() => end(run, { code: Number(argument ?? 0), signal: null, oom: false }));
      return { driver: "memory", marker: spec.marker, pid: null, data: null };
    },
    ended(record) {
      return new Promise((resolve) => {
        const run = find(record);
        if (!run) resolve({ code: null, signal: null, oom: false });
        else if (run.exit) resolve(run.exit);
        else run.listeners.add((exit) => !closed && resolve(exit));
      });
    },
    async signal(record, signal) {
      const behaviour = find(record)?.spec.argv[0];
      if (behaviour === "serve")
        await stop(
          record,
          signal === "SIGTERM" ? { code: 0, signal: null, oom: false } : { code: null, signal, oom: false },
        );
    },
    kill: (record) => stop(record, { code: null, signal: "SIGKILL", oom: false }),
    async adopt(record) {
      const run = find(record);
      if (!run) return { found: "lost" };
      return run.exit ? { found: "ended", exit: run.exit } : { found: "alive" };
    },
    async sweep(known, prefix) {
      const keep = new Set(known.map((record) => record.marker));
      const strays = [...host.runs.values()].filter(
        (run) => !run.exit && run.marker.startsWith(prefix) && !keep.has(run.marker),
      );
      for (const run of strays) end(run, { code: null, signal: "SIGKILL", oom: false });
      return strays.length;
    },
    close() {
      closed = true;
    },
  };
}

function end(run: MemoryRun, exit: Exit): void {
  if (run.exit) return;
  run.exit = exit;
  for (const tell of run.listeners) tell(exit);
}
