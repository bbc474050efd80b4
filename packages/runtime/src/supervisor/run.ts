import type { StartTime } from "./proc.ts";

/** Who a run's shim is: the three things that must all match before it is adopted or signalled. */
export interface RunIdentity {
  /** Process id of the shim, leader of the run's session. */
  readonly pid: number;
  readonly startTime: StartTime;
  /** Value of `CAISSON_RUN` in the environment of the run's processes; unique per run. */
  readonly marker: string;
}

/** One started program, as plain data: stored as JSON by one agent, adopted by the next. */
export interface Run extends RunIdentity {
  /** Process id of the program itself, child of the shim. */
  readonly childPid: number;
  readonly childStartTime: StartTime;
  /** Folder of the run's status files; serves one run only. */
  readonly runDir: string;
  readonly logFile: string;
}

/** Name of the environment variable that marks every process of a run. */
export const markerVariable = "CAISSON_RUN";

/** Status files inside `runDir`: what each holds is told where it is written, in `spawn.ts`. */
export const runFiles = { stdin: "stdin", child: "child", exit: "exit" } as const;
