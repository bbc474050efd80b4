import type { Exit } from "@caisson/core/run";
import { findByMarker, inspectRun, type MarkedProcess } from "../../supervisor/adopt.ts";
import { killRuns } from "../../supervisor/kill-runs.ts";
import type { Run } from "../../supervisor/run.ts";
import { spawnRun } from "../../supervisor/spawn.ts";
import { signalRun } from "../../supervisor/terminate.ts";
import { watchExit } from "../../supervisor/watch-exit.ts";
import { sweepCgroups } from "../../limits/cgroups.ts";
import { insist } from "./insist.ts";
import { runLimits } from "./run-limits.ts";
import type { Adoption, Driver, RunRecord } from "../driver.ts";

/** Runs programs as processes of this host, each under its shim, all of which outlive the agent. */
export function processDriver(): Driver {
  const closing = new AbortController();
  const limits = runLimits();
  return {
    name: "process",
    capabilities: { sharedPorts: process.platform === "linux", limits: true },
    async spawn(_id, spec) {
      const run = await spawnRun(
        {
          argv: spec.argv,
          env: spec.env,
          cwd: spec.cwd,
          logFile: spec.logFile,
          runDir: spec.runFolder,
          marker: spec.marker,
          umask: 0o077,
          ...spec.user,
        },
        { place: (shim) => limits.place(shim, spec.limits) },
      );
      return { driver: "process", marker: run.marker, pid: run.childPid, data: { run, limits: spec.limits } };
    },
    async ended(record) {
      const run = runOf(record);
      const exit = await watchExit(run, { signal: closing.signal, oomCount: () => limits.oomCount(run.marker) }).catch(
        // Only a closed driver ends a watch early; its engine no longer listens.
        () => new Promise<never>(() => {}),
      );
      await insist(() => killRuns([{ run, alsoPids: () => limits.pids(run.marker) }]));
      await limits.release(run.marker);
      return { code: exit.code, signal: exit.signal, oom: exit.oom };
    },
    async signal(record, signal) {
      await insist(async () => signalRun(runOf(record), signal));
    },
    async kill(record) {
      const run = runOf(record);
      await insist(() => killRuns([{ run, alsoPids: () => limits.pids(run.marker) }]));
    },
    async adopt(record) {
      const found = inspectRun(runOf(record));
      if (found.state === "alive") limits.place(runOf(record), limitsIn(record));
      return adoption(found);
    },
    async sweep(known, prefix) {
      const keep = new Set(known.map((record) => record.marker));
      const strays = findByMarker(prefix).filter((found) => !keep.has(found.marker));
      const runs = Map.groupBy(strays, (stray) => stray.marker);
      await killRuns([...runs.values()].map((members) => ({ run: strayRun(members) })));
      sweepCgroups(prefix);
      return runs.size;
    },
    close() {
      closing.abort();
    },
  };
}

function adoption(found: ReturnType<typeof inspectRun>): Adoption {
  switch (found.state) {
    case "alive":
      return { found: "alive" };
    case "exited": {
      const { code, signal, oom }: Exit = found.exit;
      return { found: "ended", exit: { code, signal, oom } };
    }
    default:
      return { found: found.state };
  }
}

/** A run of which nothing is known but its processes; its first one is the shim, where that still lives. */
function strayRun(members: readonly MarkedProcess[]): Run {
  const pids = new Set(members.map((member) => member.pid));
  const leader = members.find((member) => !pids.has(member.parent)) ?? members[0];
  if (!leader) throw new Error("a run without processes");
  const { pid, startTime, marker } = leader;
  return { pid, startTime, marker, childPid: pid, childStartTime: startTime, runDir: "", logFile: "" };
}

/** `data` is what `spawn` put there; the state stores it as it is. */
function runOf(record: RunRecord): Run {
  return (record.data as { run: Run }).run;
}

function limitsIn(record: RunRecord): { cpus?: number; memory?: number; pids?: number } {
  return (record.data as { limits: { cpus?: number; memory?: number; pids?: number } }).limits;
}
