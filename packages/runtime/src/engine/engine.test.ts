import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunRecord } from "../drivers/driver.ts";
import type { FoundRun } from "./engine.ts";
import { engineWorld, spec, type EngineWorld } from "./testing/engine-world.ts";

let world: EngineWorld;

beforeEach(() => {
  // The wall clock is left alone: a jump of it must change nothing (see below).
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  world = engineWorld();
});

afterEach(() => {
  world.engine.close();
  vi.useRealTimers();
});

/** Desires a resource; the same generation again where nothing else is said. */
const desire = (...args: Parameters<typeof spec>): void =>
  world.engine.dispatch({ type: "desire", spec: spec(...args) });
const spawns = (): string[] =>
  world.log.filter((line) => line.startsWith("spawn ")).map((line) => line.slice("spawn ".length));

describe("gates", () => {
  it("starts what is needed first, and the rest when it is as they need it", async () => {
    world.behave("migrate", "exit", "0");
    desire("web", { needs: [{ resource: "migrate", condition: "completed" }] });
    desire("migrate", { kind: "job", probed: false, needs: [{ resource: "db", condition: "healthy" }] });
    desire("db");
    await world.pass(1000);
    expect(world.picture()).toEqual(["web/0/1 Waiting", "migrate/0/1 Waiting", "db/0/1 Running"]);
    expect(world.unit("web/0/1")?.waitingFor).toEqual(["migrate"]);
    await world.probe("db", "ready", true);
    expect(spawns()).toEqual(["db/0/1", "migrate/0/1", "web/0/1"]);
    expect(world.picture()).toEqual(["web/0/1 Running", "migrate/0/1 Completed", "db/0/1 Running Ready"]);
  });

  it("keeps what runs when what it needs dies, and holds back its next start", async () => {
    desire("db");
    desire("web", { needs: [{ resource: "db", condition: "healthy" }] });
    await world.pass();
    await world.probe("db", "ready", true);
    await world.probe("web", "ready", true);
    world.behave("db", "missing");
    await world.crash("db");
    await world.pass(500);
    expect(world.running()).toEqual(["web/0/1"]);
    await world.crash("web");
    await world.pass(3000);
    expect(world.running()).toEqual([]);
    expect(world.unit("web/0/1")).toMatchObject({ state: "Waiting", waitingFor: ["db"] });
    expect(world.unit("db/0/1")?.state).toBe("CrashLoop");
  });
});

describe("whoever runs a unit does not answer", () => {
  it("sends a signal again until it is taken, and says so; a later run does not get it", async () => {
    desire("web");
    await world.pass();
    const hangs = (): Promise<never> => Promise.reject(new Error("the engine hangs"));
    world.silence(hangs);
    world.engine.dispatch({ type: "stop", resource: "web" });
    await world.pass(4000);
    world.silence(() => Promise.reject(new Error("it is gone")));
    await world.pass(20_000);
    // Each reason once for what is asked: the signal, then the kill.
    expect(world.log.filter((line) => line.startsWith("report"))).toEqual([
      "report web/0/1 the engine hangs",
      "report web/0/1 it is gone",
    ]);
    expect(world.running()).toEqual(["web/0/1"]);
    world.silence(undefined);
    await world.pass(5000);
    expect(world.picture()).toEqual(["web/0/1 Exited"]);

    world.engine.dispatch({ type: "start", resource: "web" });
    await world.pass();
    world.silence(hangs);
    world.engine.dispatch({ type: "restart", resource: "web" });
    await world.pass();
    world.silence(undefined);
    await world.crash("web");
    await world.pass(10_000);
    expect(world.running()).toEqual(["web/0/1"]);
    expect(world.unit("web/0/1")?.state).toBe("Running");
    expect(spawns()).toHaveLength(3);
  });

  it("sends the later of two again, though the earlier is answered last", async () => {
    const answers: ((error: Error) => void)[] = [];
    desire("web");
    await world.pass();
    world.silence(() => new Promise((_, reject) => answers.push(reject)));
    world.engine.dispatch({ type: "stop", resource: "web" });
    await world.pass(6000);
    const [term, kill] = answers;
    kill?.(new Error("cut off"));
    term?.(new Error("cut off"));
    world.silence(undefined);
    await world.pass(6000);
    expect([...world.host.runs.values()].map(({ exit }) => exit?.signal)).toEqual(["SIGKILL"]);
  });
});

describe("crashes", () => {
  it("tries again after delays that double, up to the cap", async () => {
    world.behave("web", "exit", "1");
    const starts: number[] = [];
    desire("web");
    for (let at = 0; at < 8000; at += 10) {
      const before = spawns().length;
      await world.pass(10);
      if (spawns().length > before) starts.push(performance.now());
    }
    const pauses = starts.slice(1).map((start, index) => Math.round((start - (starts[index] ?? 0)) / 10) * 10);
    expect(pauses.slice(0, 5)).toEqual([200, 400, 1600, 1600, 1600]);
  });

  it("is a crash loop after so many in a row, says why, and leaves the others alone", async () => {
    desire("other");
    await world.pass();
    await world.probe("other", "ready", true);
    world.behave("web", "exit", "3");
    desire("web");
    await world.pass(2000);
    expect(world.unit("web/0/1")).toMatchObject({ state: "CrashLoop", crashes: 4, exit: { code: 3 } });
    expect(world.unit("web/0/1")?.detail).toBe("crashed 4 times in a row, last: exit code 3; tried again in 1.6 s");
    expect(spawns().filter((key) => key === "other/0/1")).toHaveLength(1);
    expect(world.picture()).toContain("other/0/1 Running Ready");
  });

  it("forgets crashes after a stable time", async () => {
    desire("web");
    await world.pass();
    await world.probe("web", "ready", true);
    await world.crash("web");
    await world.pass(150);
    expect(world.unit("web/0/1")).toMatchObject({ state: "Running", crashes: 1, restarts: 1 });
    await world.pass(10_001);
    expect(world.unit("web/0/1")).toMatchObject({ crashes: 0, restarts: 1 });
  });

  it("does as the policy says about an exit with 0, and about 125", async () => {
    for (const policy of ["always", "on-failure", "no"] as const) {
      world.behave(policy, "exit", "0");
      desire(policy, { probed: false, restart: { ...spec("").restart, policy } });
    }
    world.behave("permanent", "exit", "125");
    desire("permanent", { probed: false });
    await world.pass(50);
    expect(world.picture()).toEqual([
      "always/0/1 Waiting",
      "on-failure/0/1 Exited",
      "no/0/1 Exited",
      "permanent/0/1 Failed",
    ]);
    await world.pass(100);
    expect(spawns().filter((key) => key === "always/0/1")).toHaveLength(2);
    expect(spawns().filter((key) => key === "permanent/0/1")).toHaveLength(1);
  });

  it("counts a spawn that failed as a crash, with its reason", async () => {
    world.behave("web", "missing");
    desire("web");
    await world.pass(50);
    expect(world.unit("web/0/1")).toMatchObject({ state: "Waiting", crashes: 1 });
    expect(world.unit("web/0/1")?.detail).toBe(
      "could not start: expected the program missing, found none; tried again in 0.1 s",
    );
    world.behave("web", "serve");
    await world.pass(100);
    expect(world.picture()).toEqual(["web/0/1 Running"]);
  });

  it("restarts what is no longer alive, and takes that for a crash", async () => {
    desire("web");
    await world.pass();
    await world.probe("web", "ready", true);
    world.behave("web", "ignore-signals");
    await world.probe("web", "live", false, "no answer within 1000 ms");
    expect(world.unit("web/0/1")).toMatchObject({ state: "Waiting", crashes: 1 });
    expect(world.unit("web/0/1")?.detail).toContain("unhealthy: no answer within 1000 ms");
    await world.pass(150);
    expect(world.picture()).toEqual(["web/0/1 Running"]);
  });

  it("keeps its timers when the wall clock jumps", async () => {
    world.behave("web", "exit", "1");
    desire("web");
    await world.pass(50);
    const before = Date.now();
    for (const jump of [3_600_000, -7_200_000]) {
      vi.setSystemTime(before + jump);
      await world.pass(10);
      expect(spawns()).toHaveLength(1);
    }
    await world.pass(40);
    expect(spawns()).toHaveLength(2);
  });
});

describe("by hand", () => {
  beforeEach(async () => {
    desire("web");
    await world.pass();
    await world.probe("web", "ready", true);
  });

  it("stops, stays stopped, and starts again", async () => {
    world.engine.dispatch({ type: "stop", resource: "web" });
    await world.pass(60_000);
    expect(world.picture()).toEqual(["web/0/1 Exited"]);
    expect(world.running()).toEqual([]);
    world.engine.dispatch({ type: "start", resource: "web" });
    await world.pass();
    expect(world.picture()).toEqual(["web/0/1 Running"]);
    expect(spawns()).toHaveLength(2);
  });

  it("restarts once, not beside itself", async () => {
    world.engine.dispatch({ type: "restart", resource: "web" });
    world.engine.dispatch({ type: "restart", resource: "web" });
    await world.pass(1000);
    expect(spawns()).toHaveLength(2);
    expect(world.running()).toEqual(["web/0/1"]);
  });

  it("kills what does not stop when its grace is over", async () => {
    desire("deaf");
    world.behave("deaf", "ignore-signals");
    await world.pass();
    world.engine.dispatch({ type: "stop", resource: "deaf" });
    await world.pass(4999);
    expect(world.picture()).toContain("deaf/0/1 Stopping");
    await world.pass(1);
    expect(world.picture()).toContain("deaf/0/1 Exited");
    expect(world.unit("deaf/0/1")?.exit?.signal).toBe("SIGKILL");
  });

  it("scales up and down, the highest replicas first to go", async () => {
    desire("web", { replicas: 3 });
    await world.pass();
    expect(world.running()).toEqual(["web/0/1", "web/1/1", "web/2/1"]);
    desire("web", { replicas: 1 });
    await world.pass();
    expect(world.running()).toEqual(["web/0/1"]);
    expect(world.picture()).toEqual(["web/0/1 Running Ready"]);
    expect([...world.journal.keys()]).toEqual(["web/0/1"]);
  });
});

describe("a new generation", () => {
  it("comes after the old one has ended, where both cannot be", async () => {
    desire("web");
    world.behave("web/1", "ignore-signals");
    await world.pass();
    await world.probe("web", "ready", true);
    desire("web", { generation: 2 });
    await world.pass(1000);
    expect(world.running()).toEqual(["web/0/1"]);
    await world.pass(4000);
    expect(world.running()).toEqual(["web/0/2"]);
    expect(world.picture()).toEqual(["web/0/2 Running"]);
  });

  it("starts beside the old one, which goes when the new one is ready", async () => {
    desire("web", { replicas: 2, replace: "start-first" });
    await world.pass();
    await world.probe("web/0", "ready", true);
    await world.probe("web/1", "ready", true);
    desire("web", { replicas: 2, replace: "start-first", generation: 2 });
    await world.pass();
    expect(world.running()).toEqual(["web/0/1", "web/1/1", "web/0/2"]);
    await world.probe("web/0/2", "ready", true);
    expect(world.running()).toEqual(["web/1/1", "web/0/2", "web/1/2"]);
    await world.probe("web/1/2", "ready", true);
    expect(world.running()).toEqual(["web/0/2", "web/1/2"]);
    expect(world.engine.verdict("web", "healthy")).toEqual({ is: "reached" });
  });

  it.each([
    ["crashes", ["exit", "1"]],
    ["is never ready", ["serve"]],
    ["cannot be started", ["missing"]],
    ["ends for good", ["exit", "125"]],
  ])("that %s is taken back, and the old one serves throughout", async (_, argv) => {
    desire("web", { replace: "start-first" });
    await world.pass();
    await world.probe("web", "ready", true);
    world.behave("web/2", ...argv);
    desire("web", { replace: "start-first", generation: 2 });
    for (let at = 0; at < 61_000; at += 500) {
      await world.pass(500);
      expect(world.running()).toContain("web/0/1");
    }
    expect(world.running()).toEqual(["web/0/1"]);
    expect(world.picture()).toEqual(["web/0/1 Running Ready"]);
    const verdict = world.engine.verdict("web", "healthy");
    expect(verdict).toMatchObject({ is: "failed" });
    expect("reason" in verdict && verdict.reason).toMatch(/^generation 2 did not start \(.+\): generation 1 is kept$/);
  });

  it("is not confused by late answers about the old one", async () => {
    desire("web");
    await world.pass();
    const marker = [...world.host.runs.keys()][0] ?? "";
    desire("web", { generation: 2 });
    await world.pass();
    await world.probe("web/0/1", "ready", true);
    await world.probe("web/0/1", "live", false);
    world.host.crash(marker, { code: 1, signal: null, oom: false });
    world.engine.dispatch({ type: "desire", spec: spec("web", { generation: 1 }) });
    await world.pass(1000);
    expect(world.picture()).toEqual(["web/0/2 Running"]);
    expect(spawns()).toEqual(["web/0/1", "web/0/2"]);
  });
});

describe("leaving", () => {
  const chain = async (): Promise<void> => {
    desire("db");
    desire("web", { needs: [{ resource: "db", condition: "healthy" }] });
    await world.pass();
    await world.probe("db", "ready", true);
    await world.probe("web", "ready", true);
  };

  it("ends dependants before what they need, and starts nothing more", async () => {
    await chain();
    world.log.length = 0;
    world.engine.dispatch({ type: "down", force: false });
    await world.pass(60_000);
    expect(world.log.filter((line) => line.startsWith("state "))).toEqual([
      "state web/0/1 Stopping",
      "state web/0/1 Exited",
      "state db/0/1 Stopping",
      "state db/0/1 Exited",
    ]);
    desire("web", { generation: 2 });
    await world.pass(60_000);
    expect(world.running()).toEqual([]);
  });

  it("ends what is just being started", async () => {
    const go = world.holdStart("web");
    desire("web");
    await world.pass();
    expect(world.picture()).toEqual(["web/0/1 Starting"]);
    world.engine.dispatch({ type: "down", force: false });
    await world.pass(100);
    expect(world.picture()).toEqual(["web/0/1 Stopping"]);
    go();
    await world.pass();
    expect(world.picture()).toEqual(["web/0/1 Exited"]);
    expect(world.running()).toEqual([]);
  });

  it("is at an end when what was being started could not be", async () => {
    const go = world.holdStart("web");
    desire("web");
    await world.pass();
    world.engine.dispatch({ type: "down", force: false });
    go(new Error("no descriptor left"));
    await world.pass(60_000);
    expect(world.picture()).toEqual(["web/0/1 Exited"]);
    expect(spawns()).toEqual(["web/0/1"]);
  });

  it("kills everything at a second down with force", async () => {
    world.behave("web", "ignore-signals");
    await chain();
    world.engine.dispatch({ type: "down", force: false });
    await world.pass(1000);
    expect(world.picture()).toEqual(["db/0/1 Running Ready", "web/0/1 Stopping"]);
    world.engine.dispatch({ type: "down", force: true });
    await world.pass();
    expect(world.picture()).toEqual(["db/0/1 Exited", "web/0/1 Exited"]);
  });

  it("forgets what is removed from the stack", async () => {
    await chain();
    world.engine.dispatch({ type: "remove", resource: "web" });
    await world.pass();
    expect(world.picture()).toEqual(["db/0/1 Running Ready"]);
    expect([...world.journal.keys()]).toEqual(["db/0/1"]);
  });
});

describe("a later agent", () => {
  const foundIn = ({ journal }: EngineWorld): FoundRun[] =>
    [...journal.values()].map(({ unit, run }) => {
      const { replica, generation, startedAt, readyAt, exit, crashes, restarts, detail } = unit;
      const state = run ? "Running" : "Exited";
      return {
        unit: { replica, generation, state, startedAt, readyAt, exit, crashes, restarts, detail },
        run: run ? (JSON.parse(JSON.stringify(run)) as RunRecord) : null,
      };
    });

  it("takes over what runs, and starts nothing twice", async () => {
    desire("web", { replicas: 2 });
    await world.pass();
    const found = foundIn(world);
    const marker = world.journal.get("web/1/1")?.run?.marker ?? "";
    world = world.next();
    world.engine.adopt(spec("web", { replicas: 2 }), found, false);
    desire("web", { replicas: 2 });
    await world.pass(1000);
    expect(spawns()).toEqual([]);
    expect(world.picture()).toEqual(["web/0/1 Running", "web/1/1 Running"]);
    // It hears how an adopted run ends, and may end one.
    world.host.crash(marker, { code: 9, signal: null, oom: false });
    await world.pass(150);
    expect(spawns()).toEqual(["web/1/1"]);
    expect(world.unit("web/1/1")?.exit?.code).toBe(9);
    world.engine.dispatch({ type: "down", force: false });
    await world.pass();
    expect(world.running()).toEqual([]);
  });

  it("takes over a run that is ended at once by its stop", async () => {
    desire("web");
    await world.pass();
    const found = foundIn(world);
    world = world.next();
    world.engine.adopt(spec("web", { replicas: 0 }), found, true);
    await world.pass();
    expect(world.running()).toEqual([]);
    expect(world.engine.runOf({ resource: "web", replica: 0, generation: 1 })).toBeUndefined();
  });

  it("leaves everything running when it ends, and does nothing more", async () => {
    desire("web");
    await world.pass();
    world.engine.close();
    await world.crash("web");
    await world.pass(60_000);
    expect(spawns()).toEqual(["web/0/1"]);
    expect(world.log.at(-1)).toBe("probes closed");
  });
});
