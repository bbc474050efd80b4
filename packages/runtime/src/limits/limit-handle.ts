/** Limits of one run, as resources declare them. Absent = not limited. */
export interface ResourceLimits {
  /** Bytes. */
  readonly memory?: number;
  /** Processors; 0.5 is half of one. */
  readonly cpus?: number;
  /** Processes and threads. */
  readonly pids?: number;
}

/** Name of a limit. */
export type LimitName = keyof ResourceLimits;

/** By what limits hold. `watchdog`: we look at the memory from time to time and kill; `none`: nothing holds. */
export type LimitMode = "cgroup2" | "cgroup1" | "watchdog" | "none";

/** The limits of one run while it runs. */
export interface LimitHandle {
  readonly mode: LimitMode;
  readonly enforced: readonly LimitName[];
  /** Limits that were asked for and do not hold on this host, each with a sentence that says why. */
  readonly missing: readonly { readonly limit: LimitName; readonly reason: string }[];
  /** Times the run hit its memory limit and lost a process by it; still answers after `release`. */
  oomCount(): number;
  /** Processes of the run's cgroup: all of its descendants, however they forked. Empty without a cgroup. */
  pids(): readonly number[];
  /** Ends the watch and removes the cgroup; call when the run is over. */
  release(): Promise<void>;
}
