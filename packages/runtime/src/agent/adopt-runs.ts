import type { FoundUnit, Unit } from "@caisson/core/run";
import type { FoundRun } from "../engine/engine.ts";
import type { Agent } from "./agent.ts";
import type { UnitRecord } from "./records.ts";
import { unitSpec } from "./unit-spec.ts";

/**
 * Takes over what an earlier agent left: what runs goes on running, what completed stays completed, how the rest ended
 * is known, and nothing is started of which nothing runs: the `up` that started this agent decides that, or
 * {@link resumeRuns}. Processes that bear our mark and that no record leads to (a crash between a start and its note, a lost
 * state) are ended first, so that no second copy can come up beside one. Returns how many such runs there were.
 */
export async function adoptRuns(agent: Agent, now: () => number): Promise<number> {
  const { records, driver } = agent;
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
      own.flatMap(({ record, found }) => (found && record.unit.readyAt !== null ? record.unit : [])),
    );
  }
  return swept;
}

/** `served`: the units that were ready when they were last heard of. */
function adoptResource(
  { records, engine, driver }: Agent,
  name: string,
  found: readonly FoundRun[],
  served: readonly Unit[],
): void {
  const status = records.status(name);
  const newest = records.latest(name);
  if (!newest) return;
  const spec = unitSpec(newest, status.replicas, driver.capabilities);
  const live = found.filter(({ run }) => run !== null);
  // Of what all is gone (the host was off), what served then is what serves again.
  const serving = live.length > 0 ? live.flatMap(({ unit }) => (unit.readyAt === null ? [] : unit)) : served;
  const before = spec.replace === "start-first" ? servingBefore(spec, serving) : undefined;
  const kept = before === undefined ? undefined : records.generation(name, before);
  const some = live.length > 0 || found.some(({ unit }) => unit.state === "Completed");
  engine.adopt(kept ? unitSpec(kept, status.replicas, driver.capabilities) : spec, found, status.stopped || !some);
}

/**
 * The generation that served before the newest, where that has not taken its place yet: a rollout that the crash
 * interrupted, or one that failed. It is kept, and the next plan rolls out anew.
 */
function servingBefore(
  { generation, replicas }: { readonly generation: number; readonly replicas: number },
  serving: readonly { readonly generation: number }[],
): number | undefined {
  if (serving.filter((unit) => unit.generation === generation).length >= replicas) return undefined;
  const older = serving.map((unit) => unit.generation).filter((each) => each < generation);
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
