import type { FoundUnit } from "@caisson/core/run";
import type { FoundRun } from "../engine/engine.ts";
import type { Agent } from "./agent.ts";
import type { UnitRecord } from "./records.ts";
import { unitSpec } from "./unit-spec.ts";

/**
 * Takes over what an earlier agent left: what runs goes on running, what completed stays completed, how the rest ended
 * is known. Of what nothing runs nothing is started, the `up` that started this agent decides that; with `resume` it is
 * started where nobody stopped it. Processes that bear our mark and that no record leads to (a crash between a start and
 * its note, a lost state) are ended first, so that no second copy can come up beside one. Returns how many such runs there
 * were.
 */
export async function adoptRuns(agent: Agent, now: () => number, resume: boolean): Promise<number> {
  const { records, driver, engine } = agent;
  const left = await Promise.all(
    records.units().map(async (record) => ({ record, found: await lookAt(agent, record, now()) })),
  );
  // Only what is proven to be ours and alive is spared: a record may be wrong about everything.
  const swept = await driver.sweep(
    left.flatMap(({ found }) => found?.run ?? []),
    `${agent.instance}/`,
  );
  // What never ran is of no use to anybody; a later unit of the same name starts afresh.
  for (const { record, found } of left) if (!found) records.dropUnit(record.unit);
  for (const name of records.names()) {
    const own = left.filter(({ record }) => record.unit.resource === name);
    adoptResource(
      agent,
      name,
      own.flatMap(({ found }) => found ?? []),
    );
  }
  // Once all are known: each waits for what it needs.
  if (resume)
    for (const name of records.names()) if (isToRun(agent, name)) engine.dispatch({ type: "start", resource: name });
  return swept;
}

/** A command runs when people ask for it, a schedule at its slots. */
function isToRun({ records }: Agent, name: string): boolean {
  const kind = records.latest(name)?.resource.kind;
  return !records.status(name).stopped && (kind === "service" || kind === "component" || kind === "job");
}

function adoptResource({ records, engine, driver }: Agent, name: string, found: readonly FoundRun[]): void {
  const status = records.status(name);
  const newest = records.latest(name);
  if (!newest) return;
  const spec = unitSpec(newest, status.replicas, driver.capabilities);
  const before = spec.replace === "start-first" ? servingBefore(spec, found) : undefined;
  const kept = before === undefined ? undefined : records.generation(name, before);
  const someLive = found.some(({ unit, run }) => run !== null || unit.state === "Completed");
  engine.adopt(kept ? unitSpec(kept, status.replicas, driver.capabilities) : spec, found, status.stopped || !someLive);
}

/**
 * The generation that served before the newest, where that has not taken its place yet: a rollout that the crash
 * interrupted, or one that failed. It is kept, and the next plan rolls out anew.
 */
function servingBefore(
  { generation, replicas }: { readonly generation: number; readonly replicas: number },
  found: readonly FoundRun[],
): number | undefined {
  const serving = found.filter(({ run, unit }) => run !== null && unit.readyAt !== null);
  if (serving.filter(({ unit }) => unit.generation === generation).length >= replicas) return undefined;
  const older = serving.map(({ unit }) => unit.generation).filter((each) => each < generation);
  return older.length === 0 ? undefined : Math.max(...older);
}

/** `undefined`: it never ran, or nobody will ever know how it ended. */
async function lookAt(agent: Agent, record: UnitRecord, now: number): Promise<FoundRun | undefined> {
  const { unit, run, ports, clockOffset } = record;
  const { replica, generation, crashes, restarts, detail, exit } = unit;
  // Monotonic times of another process mean nothing here: by way of the wall clock they become ours.
  const shift = clockOffset - (Date.now() - now);
  const mine = (time: number | null): number | null => (time === null ? null : time + shift);
  const was = { replica, generation, crashes, restarts, detail };
  const ended = (state: FoundUnit["state"], how: FoundUnit["exit"]): FoundRun => ({
    unit: { ...was, state, exit: how, startedAt: null, readyAt: null },
    run: null,
  });
  if (unit.state === "Completed" || unit.state === "Failed") return ended(unit.state, exit);
  if (!run) return exit === null ? undefined : ended("Exited", exit);
  const adoption = await agent.driver.adopt(run);
  if (adoption.found !== "alive") return ended("Exited", adoption.found === "ended" ? adoption.exit : null);
  agent.addresses.restore(unit, ports);
  const times = { startedAt: mine(unit.startedAt), readyAt: mine(unit.readyAt) };
  return { unit: { ...was, ...times, state: "Running", exit }, run };
}
