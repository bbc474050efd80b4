import type { Exit, FoundUnit } from "@caisson/core/run";
import type { RunRecord } from "../drivers/driver.ts";
import type { FoundRun } from "../engine/engine.ts";
import type { Agent } from "./agent.ts";
import type { UnitRecord } from "./records.ts";
import { unitSpec } from "./unit-spec.ts";

/**
 * Takes over what an earlier agent left: what runs goes on running, what completed stays completed, and nothing is
 * started; the `up` that started this agent decides that. Processes that carry our mark and stand in no record (a crash
 * between a start and its note) are ended first, so that no second copy can come up beside one.
 */
export async function adoptRuns(agent: Agent, now: () => number): Promise<void> {
  const records = agent.records.units();
  const runs = records.flatMap((record) => record.run ?? []);
  const swept = await agent.driver.sweep(runs, `${agent.instance}/`);
  if (swept > 0) agent.hub.tell({ type: "note", message: `${swept} runs that no record knew were ended` });
  for (const name of agent.records.names()) {
    const record = agent.records.latest(name);
    if (!record) continue;
    const status = agent.records.status(name);
    const found: FoundRun[] = [];
    for (const each of records) if (each.unit.resource === name) found.push(await lookAt(agent, each, now()));
    const useful = found.filter(({ run, unit }) => run !== null || unit.state === "Completed");
    // What has ended and is no job's success is of no use to anybody; a later unit of the same name starts afresh.
    for (const each of found) if (!useful.includes(each)) agent.records.dropUnit({ resource: name, ...each.unit });
    const spec = unitSpec(record, status.replicas, agent.driver.capabilities);
    agent.engine.adopt(
      spec,
      useful,
      status.stopped || !useful.some((each) => each.run !== null || each.unit.state === "Completed"),
    );
  }
}

async function lookAt(agent: Agent, { unit, run, ports, clockOffset }: UnitRecord, now: number): Promise<FoundRun> {
  const { replica, generation, crashes, restarts, detail } = unit;
  // Monotonic times of another process mean nothing here: by way of the wall clock they become ours.
  const shift = clockOffset - (Date.now() - now);
  const mine = (time: number | null): number | null => (time === null ? null : time + shift);
  const base = {
    replica,
    generation,
    crashes,
    restarts,
    detail,
    startedAt: mine(unit.startedAt),
    readyAt: mine(unit.readyAt),
  };
  if (unit.state === "Completed" || unit.state === "Failed")
    return { unit: { ...base, state: unit.state, exit: unit.exit }, run: null };
  const { state, exit } = run ? await fate(agent, run) : { state: "Exited" as const, exit: unit.exit };
  if (state === "Running") agent.addresses.restore(unit, ports);
  return { unit: { ...base, state, exit } satisfies FoundUnit, run: state === "Running" ? run : null };
}

async function fate(agent: Agent, run: RunRecord): Promise<{ state: "Running" | "Exited"; exit: Exit | null }> {
  const adoption = await agent.driver.adopt(run);
  if (adoption.found === "alive") return { state: "Running", exit: null };
  return { state: "Exited", exit: adoption.found === "ended" ? adoption.exit : null };
}
