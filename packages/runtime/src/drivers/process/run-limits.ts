import { applyLimits } from "../../limits/apply-limits.ts";
import type { LimitHandle, ResourceLimits } from "../../limits/limit-handle.ts";
import type { RunIdentity } from "../../supervisor/run.ts";

/** The limits of every run of one driver, by marker. */
export interface RunLimits {
  /** Before the program starts: what it is limited by holds from its first instruction. */
  place(run: RunIdentity, limits: ResourceLimits): void;
  oomCount(marker: string): number;
  /** Processes of the run that its cgroup names; empty without one. */
  pids(marker: string): readonly number[];
  release(marker: string): Promise<void>;
}

/** Runs without limits are not watched at all. */
export function runLimits(): RunLimits {
  const handles = new Map<string, LimitHandle>();
  return {
    place(run, limits) {
      if (Object.values(limits).some((limit) => limit !== undefined)) handles.set(run.marker, applyLimits(run, limits));
    },
    oomCount: (marker) => handles.get(marker)?.oomCount() ?? 0,
    pids: (marker) => handles.get(marker)?.pids() ?? [],
    async release(marker) {
      await handles.get(marker)?.release();
      handles.delete(marker);
    },
  };
}
