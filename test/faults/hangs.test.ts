import { describe, expect, it } from "vitest";
import { isAlive, listProcesses, readProcess } from "../../packages/runtime/src/supervisor/proc.ts";
import { openStage } from "./testing/stage.ts";

const quick = { intervalMs: 100, timeoutMs: 300, failureThreshold: 3 };

describe("a program that hangs", () => {
  it("stopped as a whole (SIGSTOP): liveness fails, it is killed and started again", async () => {
    await using stage = await openStage();
    await stage.up([
      { name: "web", timing: quick, graceMs: 500 },
      { name: "other", timing: quick },
    ]);
    const { pid } = await stage.ask<{ pid: number }>("web", "/");
    process.kill(pid, "SIGSTOP");
    const stopping = await stage.until("web", (view) => view.state === "Stopping" || view.restarts > 0);
    expect(stopping.detail).toContain("unhealthy");
    const back = await stage.until("web", (view) => view.restarts === 1 && view.health === "Ready");
    expect(back.pids).not.toContain(pid);
    expect(isRunning(pid)).toBe(false);
    expect(stage.boots("other")).toHaveLength(1);
  });

  it("with an open port and a dead loop: the same", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "web", timing: quick }]);
    await stage.ask("web", "/live?no");
    await stage.until("web", (view) => view.restarts === 1 && view.health === "Ready");
    expect(stage.boots("web")).toHaveLength(2);
  });

  it("not ready for a while, but alive: it is left alone", async () => {
    await using stage = await openStage();
    await stage.up([{ name: "web", timing: quick }]);
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
    const begun = performance.now();
    await (await stage.agent()).act("deaf", "stop");
    const view = await stage.until("deaf", ({ state }) => state === "Exited");
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(990);
    expect(took).toBeLessThan(3000);
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
