import { describe, expect, it } from "vitest";
import { isAlive, listProcesses, readProcess } from "../../packages/runtime/src/supervisor/proc.ts";
import { openStage } from "./testing/stage.ts";
import { watchViews } from "./testing/watch.ts";

/** Only of what hangs: a busy machine may keep a sound program from answering within so little. */
const quick = { intervalMs: 100, timeoutMs: 300, failureThreshold: 3 };
const patient = { ...quick, timeoutMs: 30_000 };

describe("a program that hangs", () => {
  it("stopped as a whole (SIGSTOP): liveness fails, it is killed and started again", async () => {
    await using stage = await openStage();
    await stage.up([
      { name: "web", timing: quick, graceMs: 500 },
      { name: "other", timing: patient },
    ]);
    const { pid } = await stage.ask<{ pid: number }>("web", "/");
    const watch = await watchViews(await stage.agent());
    process.kill(pid, "SIGSTOP");
    const back = await stage.until("web", (view) => view.restarts >= 1 && view.health === "Ready");
    await watch.end();
    expect(watch.of("web").find(({ state }) => state === "Stopping")?.detail).toContain("unhealthy");
    expect(back.pids).not.toContain(pid);
    expect(isRunning(pid)).toBe(false);
    expect(stage.boots("other")).toHaveLength(1);
  });

  it("with an open port and a dead loop: the same", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "web", timing: quick }]);
    await stage.ask("web", "/live?no");
    await stage.until("web", (view) => view.restarts >= 1 && view.health === "Ready");
    expect(stage.boots("web").length).toBeGreaterThanOrEqual(2);
  });

  it("not ready for a while, but alive: it is left alone", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "web", timing: patient }]);
    await stage.ask("web", "/ready?no");
    await stage.until("web", (view) => view.health === "Unhealthy");
    await stage.ask("web", "/ready?yes");
    await stage.until("web", (view) => view.health === "Ready");
    expect(stage.boots("web")).toHaveLength(1);
  });
});

describe("a program that does not go", () => {
  it("ignores SIGTERM: it is killed when its grace is over, not before", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "deaf", does: "ignore-term", graceMs: 1000 }]);
    const watch = await watchViews(await stage.agent());
    await (await stage.agent()).act("deaf", "stop");
    const view = await stage.until("deaf", ({ state }) => state === "Exited");
    await watch.end();
    const asked = watch.of("deaf").find(({ state }) => state === "Stopping")?.since ?? Infinity;
    // Rounded; a timer may be 1 ms early. That it ends at all is what its grace is for.
    expect(view.since - asked).toBeGreaterThanOrEqual(998);
    expect(view.exit?.signal).toBe("SIGKILL");
  });

  it("leaves grandchildren and a double fork behind: none is alive after its stop", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "parent" }]);
    const { pids } = await stage.ask<{ pids: number[] }>("parent", "/family");
    expect(pids.filter(isRunning)).toHaveLength(3);
    await (await stage.agent()).act("parent", "stop");
    await stage.until("parent", ({ state }) => state === "Exited");
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it("crashes beside its grandchildren: they are gone before it starts again", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "parent" }]);
    const { pids } = await stage.ask<{ pids: number[] }>("parent", "/family");
    await stage.ask("parent", "/signal?SIGKILL");
    await stage.until("parent", (view) => view.restarts === 1);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it("makes 1,000 short children that nobody waits for: none stays a zombie of ours", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "parent" }]);
    await stage.ask("parent", "/zombies?1000");
    const ours = new Set([await stage.agentPid(), ...stage.processes()]);
    expect(listProcesses().filter(({ state, parent }) => state === "Z" && ours.has(parent))).toEqual([]);
  });
});

function isRunning(pid: number): boolean {
  const info = readProcess(pid);
  return info !== undefined && isAlive(info);
}
