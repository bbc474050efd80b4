import { describe, expect, it } from "vitest";
import type { FoundUnit } from "../lifecycle-types.ts";
import { specOf } from "../testing/spec.ts";
import { stage } from "../testing/stage.ts";
import { conditionOf, hasEnded, statusOf } from "./status.ts";

function found(rest: Partial<FoundUnit> = {}): FoundUnit {
  return {
    replica: 0,
    generation: 1,
    state: "Running",
    startedAt: -5000,
    readyAt: -4000,
    exit: null,
    crashes: 0,
    restarts: 2,
    detail: "",
    ...rest,
  };
}
const exit = (code: number) => ({ code, signal: null, oom: false });

describe("an engine that starts", () => {
  it("takes over what runs without a second copy, and probes it again", () => {
    const the = stage();
    the.found("web", [found()]);
    expect(the.acts()).toEqual([]);
    expect(the.unit("web/0/1")).toMatchObject({ state: "Running", health: "Unknown", since: -5000, restarts: 2 });
    the.pass(5);
    expect(the.units()).toEqual(["web/0/1 Running Ready"]);
  });

  it("restarts what it took over and hangs, as it was ready before", () => {
    const the = stage();
    the.found("web", [found()]);
    the.world.probe("web", "live", false);
    expect(the.acts()).toEqual(["signal web/0/1 SIGTERM"]);
  });

  it("starts the replicas that are missing", () => {
    const the = stage();
    the.found("web", [found({ replica: 1 })], { replicas: 3 });
    expect(the.acts()).toEqual(["spawn web/0/1", "spawn web/2/1"]);
  });

  it.each([
    ["a crash", found({ state: "Exited", exit: exit(1) }), {}, "Waiting"],
    ["an end nobody saw", found({ state: "Exited" }), {}, "Waiting"],
    ["a job's success", found({ state: "Exited", exit: exit(0) }), { kind: "job" }, "Completed"],
    ["a job's success long ago", found({ state: "Completed", exit: exit(0) }), { kind: "job" }, "Completed"],
    ["a failure for good", found({ state: "Failed", exit: exit(125) }), {}, "Failed"],
    ["a permanent failure meanwhile", found({ state: "Exited", exit: exit(125) }), {}, "Failed"],
  ] as const)("judges %s while nobody watched", (_what, unit, rest, state) => {
    const the = stage();
    the.found("web", [unit], rest);
    expect(the.unit("web/0/1").state).toBe(state);
    expect(the.acts()).toEqual([]);
  });

  it("knows what was stopped by hand and leaves it", () => {
    const the = stage();
    the.found("web", [found({ state: "Exited", exit: exit(0) })], {}, true);
    the.found("api", [], {}, true);
    the.pass(100);
    expect(the.acts()).toEqual([]);
    expect(statusOf(the.world.system, "api")).toMatchObject({ state: "Exited", stopped: true });
    the.order("start", "api");
    expect(the.acts()).toEqual(["spawn api/0/1"]);
  });

  it("goes on with a rollout it finds in the middle", () => {
    const the = stage();
    the.found("web", [found()]);
    the.world.run({ resource: "web", replica: 0, generation: 2 });
    const spec = specOf("web", { generation: 2, replace: "start-first" });
    the.event({ type: "desire", at: 0, spec, found: [found({ generation: 2, readyAt: null })] });
    the.pass(20);
    expect(the.acts()).toEqual(["signal web/0/1 SIGTERM", "gone web/0/1"]);
    expect(the.units()).toEqual(["web/0/2 Running Ready"]);
  });

  it("takes an answer that the unit runs already for the start of it", () => {
    const the = stage();
    the.event({ type: "desire", at: 0, spec: specOf("web") });
    the.event({ type: "adopted", at: 0, startedAt: -100, resource: "web", replica: 0, generation: 1 });
    expect(the.unit("web/0/1")).toMatchObject({ state: "Running", startedAt: -100 });
  });
});

it("what went down is started anew by the next `up`: that is no restart", () => {
  const the = stage();
  the.found("web", [found({ state: "Exited", exit: exit(0), crashes: 1 })], {}, true);
  the.order("start", "web");
  the.pass(20);
  expect(the.unit("web/0/1")).toMatchObject({ state: "Running", restarts: 0 });
});

describe("timers", () => {
  it("of an earlier run that come early are set anew, not obeyed", () => {
    const the = stage();
    the.up("web", {}, { ignoresSignals: true });
    the.pass(20);
    the.order("stop", "web");
    the.acts();
    the.event({ type: "timer", at: 0, timer: "grace", resource: "web", replica: 0, generation: 1 });
    expect(the.acts()).toEqual([]);
    the.pass(299);
    expect(the.acts()).toEqual([]);
    the.pass(1);
    expect(the.acts()).toEqual(["kill web/0/1"]);
  });
});

describe("the verdict on a condition", () => {
  it("is about the newest generation and all replicas", () => {
    const the = stage();
    const verdict = (name: string, condition: "started" | "healthy" | "completed" | "gone") =>
      conditionOf(the.world.system, name, condition).is;
    expect([verdict("web", "healthy"), verdict("web", "gone")]).toEqual(["failed", "reached"]);
    the.up("web", { replicas: 2 }, { ready: false });
    expect([verdict("web", "started"), verdict("web", "gone")]).toEqual(["pending", "pending"]);
    the.pass(10);
    expect([verdict("web", "started"), verdict("web", "healthy")]).toEqual(["reached", "pending"]);
    the.world.probe("web", "ready", true);
    expect(verdict("web", "healthy")).toBe("pending");
    the.up("job", { kind: "job" });
    expect(verdict("job", "completed")).toBe("pending");
    the.pass(10);
    expect([verdict("job", "completed"), verdict("job", "healthy")]).toEqual(["reached", "reached"]);
    the.order("stop", "web");
    expect(conditionOf(the.world.system, "web", "started")).toEqual({ is: "failed", reason: "it was told to stop" });
  });

  it("fails for what will not get there by itself, with the reason", () => {
    const the = stage();
    the.up("job", { kind: "job" }, { exits: 2 });
    the.up("web", {}, { exits: 1 });
    the.pass(5000);
    const failed = (reason: string) => ({ is: "failed", reason });
    expect(conditionOf(the.world.system, "job", "completed")).toEqual(failed("failed 3 times, last: exit code 2"));
    expect(conditionOf(the.world.system, "web", "healthy").is).toBe("failed");
  });

  it("is reached by what runs elsewhere, and by zero replicas", () => {
    const the = stage();
    the.up("warehouse", { kind: "external" });
    the.up("idle", { replicas: 0 });
    the.up("web", { needs: [{ resource: "warehouse", condition: "started" }] });
    the.pass(10);
    expect(conditionOf(the.world.system, "warehouse", "healthy")).toEqual({ is: "reached" });
    expect(conditionOf(the.world.system, "idle", "healthy")).toEqual({ is: "reached" });
    expect(statusOf(the.world.system, "warehouse")?.state).toBe("Running");
    expect(the.units()).toEqual(["web/0/1 Running Ready"]);
    expect(hasEnded(the.world.system)).toBe(false);
    the.down();
    the.pass(10);
    expect(hasEnded(the.world.system)).toBe(true);
  });
});
