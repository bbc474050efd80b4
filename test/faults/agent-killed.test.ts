import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { UnitRecord } from "../../packages/runtime/src/agent/records.ts";
import type { Run } from "../../packages/runtime/src/supervisor/run.ts";
import { isAlive, readProcess } from "../../packages/runtime/src/supervisor/proc.ts";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { openState } from "../../packages/runtime/src/state/store.ts";
import { watchAnswers } from "./testing/http.ts";
import { kill, openStage, type Stage } from "./testing/stage.ts";

const chain = [{ name: "db" }, { name: "web", after: ["db"] }] as const;

describe("the agent is killed (SIGKILL)", () => {
  it("and the next `up` takes everything over: same processes, same addresses, logs that go on", async () => {
    await using stage = await openStage();
    await stage.up([...chain, { name: "setup", kind: "job", does: "exit=0" }]);
    const before = await Promise.all(["db", "web"].map((name) => stage.view(name)));
    await stage.killAgent();
    const result = await stage.up([...chain, { name: "setup", kind: "job", does: "exit=0" }]);
    expect(result).toMatchObject({ ok: true, changed: [] });
    const after = await Promise.all(["db", "web"].map((name) => stage.view(name)));
    const keep = ({ pids, addresses, restarts, health }: (typeof before)[0]): unknown => ({
      pids,
      addresses,
      restarts,
      health,
    });
    expect(after.map(keep)).toEqual(before.map(keep));
    // By way of the wall clock, which may have been set a little meanwhile.
    const moved = after.map(({ startedAt }, index) => (startedAt ?? 0) - (before[index]?.startedAt ?? 0));
    expect(moved.filter((ms) => Math.abs(ms) > 1000)).toEqual([]);
    expect(await stage.view("setup")).toMatchObject({ state: "Completed" });
    expect(stage.boots("setup")).toHaveLength(1);
    await stage.ask("web", `/say?${Buffer.from("after the kill\n").toString("base64url")}`);
    const lines = await until("the new line", async () => {
      const found = await logOf(stage, "web");
      return found.includes("after the kill") && found;
    });
    expect(lines[0]).toBe("web 1 says ");
    await stage.ask("web", "/exit?4");
    expect(await stage.until("web", (view) => view.restarts === 1 && view.health === "Ready")).toMatchObject({
      exitCode: 4,
    });
    expect(stage.text("overlaps")).toBe("");
  });

  it("and what ended meanwhile is started again by the next `up`; how it ended is known", async () => {
    await using stage = await openStage();
    await stage.up(chain);
    const { addresses, pids } = await stage.view("db");
    await stage.killAgent();
    await fetch(`${addresses["http"] ?? ""}/exit?7`);
    await until("db to end", () => pids.every((pid) => !isRunning(pid)));
    const { events } = await stage.up(chain);
    const first = events.find((event) => event.type === "resource" && event.resource.name === "db");
    expect(first).toMatchObject({ resource: { exitCode: 7 } });
    expect(await stage.view("db")).toMatchObject({ health: "Ready", exitCode: 7 });
    expect(stage.boots("db")).toHaveLength(2);
    expect(stage.boots("web")).toHaveLength(1);
  });

  it("while it starts things: no copy is left over, none is started twice", async () => {
    await using stage = await openStage();
    const slow = [{ name: "db", does: "never-ready" }, { name: "web", after: ["db"] }, { name: "other" }] as const;
    const broken = stage.up(slow).catch((error: unknown) => error);
    await until("db to run", () => stage.boots("db").length > 0);
    await stage.killAgent();
    expect(await broken).toMatchObject({ code: "E_AGENT_LOST" });
    const result = stage.up(slow);
    await until(
      "the next agent to take over",
      async () => (await stage.view("db").catch(() => undefined)) !== undefined,
    );
    // It may be the first one's successor, which does not listen yet.
    await until("db to answer", async () => stage.ask("db", "/ready?yes").catch(() => undefined));
    expect(await result).toMatchObject({ ok: true });
    expect(stage.text("overlaps")).toBe("");
    expect(stage.processes()).toHaveLength(6);
  });

  it("in the middle of a rollout: the old version serves until the new one is ready", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "web", shared: true }]);
    const { pids, addresses } = await stage.view("web");
    const service = watchAnswers(addresses["http"] ?? "");
    const half = [{ name: "web", shared: true, version: "2", does: "never-ready" }];
    const broken = stage.up(half).catch((error: unknown) => error);
    await until("the new version to run", () => stage.boots("web").length === 2);
    await stage.killAgent();
    await broken;
    expect(await stage.up([{ name: "web", shared: true }])).toMatchObject({ ok: true, changed: [] });
    expect(await stage.view("web")).toMatchObject({ pids, health: "Ready", generation: 1 });
    expect(await stage.up([{ name: "web", shared: true, version: "3" }])).toMatchObject({ ok: true, changed: ["web"] });
    expect(pids.some(isRunning)).toBe(false);
    expect(await stage.ask("web", "/")).toMatchObject({ version: "3" });
    expect(stage.processes()).toHaveLength(2);
    expect(await service.end()).toEqual([]);
  });

  it("and its records name foreign processes: they are never touched, the lost ones are found by their mark", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "db" }, { name: "web" }]);
    const ours = stage.processes();
    await stage.killAgent();
    const foreign = ["db", "web"].map(() => spawn("/bin/sleep", ["600"], { stdio: "ignore" }));
    try {
      await Promise.all(foreign.map((child) => once(child, "spawn")));
      reusePids(
        stage,
        foreign.map((child) => child.pid ?? 0),
      );
      expect(await stage.up([{ name: "db" }, { name: "web" }])).toMatchObject({ ok: true });
      expect(foreign.map((child) => child.pid ?? 0).map(isRunning)).toEqual([true, true]);
      expect(ours.filter(isRunning)).toEqual([]);
      expect(stage.processes()).toHaveLength(4);
      await stage.down();
      expect(foreign.map((child) => child.pid ?? 0).map(isRunning)).toEqual([true, true]);
    } finally {
      for (const child of foreign) child.kill("SIGKILL");
    }
    expect(stage.text("overlaps")).toBe("");
  });
});

describe("the host goes down (everything is killed at once)", () => {
  it("and one `up` brings it back", async () => {
    await using stage = await openStage();
    const actors = [...chain, { name: "setup", kind: "job", does: "exit=0" }] as const;
    await stage.up(actors);
    const { addresses } = await stage.view("web");
    for (const pid of [await stage.agentPid(), ...stage.processes()]) kill(pid);
    await until("all to be gone", () => stage.processes().length === 0);
    const result = await stage.up(actors);
    expect(result).toMatchObject({ ok: true });
    expect(await stage.view("web")).toMatchObject({ health: "Ready", addresses });
    expect(stage.boots("web")).toHaveLength(2);
    expect(stage.boots("setup")).toHaveLength(1);
    expect(stage.processes()).toHaveLength(4);
  });
});

/** Makes the records of runs name other processes: with the right start time for one, a wrong one for the other. */
function reusePids({ stateFolder }: Stage, pids: readonly number[]): void {
  const state = openState(join(stateFolder, "state.db"), { scratch: tmpdir() });
  state.entries<UnitRecord>("unit/").forEach(([key, record], index) => {
    const pid = pids[index] ?? 0;
    const data = record.run?.data as { readonly run: Run };
    const startTime = index === 0 ? (readProcess(pid)?.startTime ?? "") : data.run.startTime;
    const run = { ...data.run, pid, childPid: pid, startTime, childStartTime: startTime };
    state.set(key, { ...record, run: { ...record.run, pid, data: { ...data, run } } });
  });
  state.close();
}

async function logOf(stage: Stage, name: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const { line } of (await stage.agent()).logs({ resources: [name], follow: false })) lines.push(line);
  return lines;
}

function isRunning(pid: number): boolean {
  const info = readProcess(pid);
  return info !== undefined && isAlive(info);
}
