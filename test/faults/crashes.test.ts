import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ResourceView } from "@caisson/runtime";
import { readProcess } from "../../packages/runtime/src/supervisor/proc.ts";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { openStage } from "./testing/stage.ts";
import { watchViews } from "./testing/watch.ts";

describe("a program that crashes", () => {
  it("at once, again and again: delays grow up to the cap, it is a crash loop with its last lines, others do not notice", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "steady" }]);
    const watch = await watchViews(await stage.agent());
    const result = await stage.up([{ name: "steady" }, { name: "loop", does: "exit=1" }]);
    expect(result).toMatchObject({ ok: false, failed: [{ resource: "loop" }] });
    expect(result.failed[0]?.reason).toContain("crashed 4 times in a row, last: exit code 1");
    expect((await (await stage.agent()).tail("loop")).lines).toContain("Error: loop gives up");

    const agent = await stage.agentPid();
    const before = { cpu: readProcess(agent)?.cpuSeconds ?? 0, files: openFiles(agent) };
    const known = pausesOf(watch.of("loop")).length;
    await until("four more pauses", () => pausesOf(watch.of("loop")).length >= known + 4);
    const cpu = ((readProcess(agent)?.cpuSeconds ?? 0) - before.cpu) / (pausesOf(watch.of("loop")).length - known);
    await watch.end();
    const pauses = pausesOf(watch.of("loop"));

    // 100 ms doubled, a quarter less by jitter; from the fourth crash on the cap of 800 ms. Timers may be 1 ms early, and
    // both times are rounded.
    const caps = pauses.map((_, index) => (index < 3 ? 100 * 2 ** index : 800));
    expect(pauses.map(({ asked }, index) => isWithin(asked, caps[index] ?? 0))).toEqual(pauses.map(() => true));
    expect(pauses.filter(({ took }, index) => took < 0.75 * (caps[index] ?? 0) - 2)).toEqual([]);
    expect(pauses.map(({ state }) => state)).toEqual(pauses.map((_, index) => (index < 3 ? "Waiting" : "CrashLoop")));
    // A pause waits for its timer. One that looked again and again would use up most of its 600 ms and more.
    expect(cpu, "seconds of a processor for a start").toBeLessThan(0.25);
    expect(await stage.view("loop")).toMatchObject({ health: "Unknown", exitCode: 1 });
    expect(await stage.view("steady")).toMatchObject({ state: "Running", health: "Ready", restarts: 0 });
    expect(stage.boots("steady")).toHaveLength(1);
    // What every start opens is closed again.
    await until("descriptors to be given back", () => openFiles(agent) <= before.files + 2);
  });

  it("after it was ready: it comes back, and how it ended is known", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "db" }, { name: "web", after: ["db"] }]);
    await stage.ask("db", "/exit?3");
    const back = await stage.until("db", (view) => view.restarts === 1 && view.health === "Ready");
    expect(back).toMatchObject({ exitCode: 3 });
    await stage.ask("db", "/signal?SIGKILL");
    const again = await stage.until("db", (view) => view.restarts === 2 && view.health === "Ready");
    expect(again.exit).toEqual({ code: null, signal: "SIGKILL", oom: false });
    expect(stage.boots("web")).toHaveLength(1);
  });

  it("with exit code 0: restarted or not, as its policy says", async () => {
    await using stage = await openStage();
    const policies = ["always", "on-failure", "no"] as const;
    await stage.up(policies.map((policy) => ({ name: policy, restart: { policy } })));
    for (const name of policies) await stage.ask(name, "/exit?0");
    await stage.until("always", (view) => view.restarts === 1 && view.health === "Ready");
    for (const name of ["on-failure", "no"])
      expect(await stage.until(name, (view) => view.state === "Exited")).toMatchObject({ exitCode: 0, restarts: 0 });
    expect(stage.boots("no")).toHaveLength(1);
  });

  it("with exit code 125: a permanent failure, not tried again until asked", async () => {
    await using stage = await openStage();
    const actors = [{ name: "broken", does: "exit=125" }];
    const result = await stage.up(actors);
    expect(result).toMatchObject({ ok: false });
    expect(await stage.view("broken")).toMatchObject({ state: "Failed", exitCode: 125, restarts: 0 });
    expect(stage.boots("broken")).toHaveLength(1);
    stage.direct("broken", "serve");
    expect(await stage.up(actors)).toMatchObject({ ok: true });
    expect(stage.boots("broken")).toHaveLength(2);
  });

  it("because it was told to stop: it is not started again", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "deaf", does: "ignore-term", graceMs: 200 }]);
    await (await stage.agent()).act("deaf", "stop");
    const view = await stage.until("deaf", ({ state }) => state === "Exited");
    expect(view).toMatchObject({ detail: "stopped (signal SIGKILL)", replicas: { wanted: 0 } });
    await stage.down();
    expect(stage.boots("deaf")).toHaveLength(1);
  });
});

/** Between the end of a run and the next start. */
interface Pause {
  readonly state: string;
  /** Milliseconds, as the agent says it: `tried again in 0.2 s`. */
  readonly asked: number;
  readonly took: number;
}

function pausesOf(views: readonly ResourceView[]): Pause[] {
  const changes = views.filter(({ state }, index) => state !== views[index - 1]?.state);
  return changes.flatMap((start, index) => {
    const end = changes[index - 1];
    const [, span = "", unit] = /tried again in ([\d.]+) (ms|s)$/.exec(end?.detail ?? "") ?? [];
    if (start.state !== "Starting" || end === undefined || span === "") return [];
    return { state: end.state, asked: Number(span) * (unit === "s" ? 1000 : 1), took: start.since - end.since };
  });
}

/** As said for people: rounded to a tenth of a second from 100 ms on. */
function isWithin(asked: number, cap: number): boolean {
  return asked >= 0.75 * cap - 50 && asked <= cap;
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
