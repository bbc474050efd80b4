import { describe, expect, it } from "vitest";
import { stage, type Stage } from "../testing/stage.ts";
import { conditionOf, statusOf } from "./status.ts";

const beside = { generation: 2, replace: "start-first" } as const;

function running(replicas = 1): Stage {
  const the = stage();
  the.up("web", { replicas });
  the.pass(20);
  the.acts();
  return the;
}

describe("a new generation that gives way first", () => {
  it("starts when the old one has ended", () => {
    const { up, pass, acts, units, unit } = running();
    up("web", { generation: 2 });
    expect(unit("web/0/2").detail).toBe("waiting for generation 1 to stop");
    pass(20);
    expect(acts()).toEqual(["signal web/0/1 SIGTERM", "gone web/0/1", "spawn web/0/2"]);
    expect(units()).toEqual(["web/0/2 Running Ready"]);
  });

  it("stops the old one by the old one's policy, also when one of its replicas has gone before", () => {
    const { world, up, pass, acts } = stage();
    up("web", { replicas: 2, stop: { signal: "SIGINT", graceMs: 50 } }, { ignoresSignals: true });
    pass(20);
    world.crash("web", { code: 1, signal: null, oom: false });
    pass(2);
    acts();
    up("web", { generation: 2, stop: { signal: "SIGQUIT", graceMs: 5000 } });
    pass(60);
    expect(acts()).toEqual(["gone web/0/1", "signal web/1/1 SIGINT", "kill web/1/1", "gone web/1/1", "spawn web/0/2"]);
  });
});

describe("a new generation that starts beside the old one", () => {
  it("takes over one replica after the other", () => {
    const { up, pass, acts, units } = running(2);
    up("web", { ...beside, replicas: 2 });
    pass(50);
    expect(acts()).toEqual([
      "spawn web/0/2",
      "signal web/0/1 SIGTERM",
      "gone web/0/1",
      "spawn web/1/2",
      "signal web/1/1 SIGTERM",
      "gone web/1/1",
    ]);
    expect(units()).toEqual(["web/0/2 Running Ready", "web/1/2 Running Ready"]);
  });

  it("never stops what serves before its successor is ready", () => {
    const { world, up, pass, acts } = running();
    up("web", beside, { ready: false });
    pass(1000);
    expect(acts()).toEqual(["spawn web/0/2"]);
    expect(statusOf(world.system, "web")).toMatchObject({ rollout: "going", generation: 1, wantedGeneration: 2 });
    expect(conditionOf(world.system, "web", "healthy")).toEqual({ is: "pending" });
  });

  it("is interrupted by the next one, which starts beside what serves, though the one before has gone already", () => {
    const { up, pass, acts, units } = running();
    up("web", { ...beside, replicas: 2 }, {});
    pass(4);
    expect(units()).toEqual(["web/0/2 Running Ready", "web/1/2 Running Unknown"]);
    acts();
    up("web", { ...beside, generation: 3, replicas: 1 });
    pass(50);
    expect(acts()).toEqual([
      "spawn web/0/3",
      "signal web/0/2 SIGTERM",
      "gone web/0/2",
      "signal web/1/2 SIGTERM",
      "gone web/1/2",
    ]);
    expect(units()).toEqual(["web/0/3 Running Ready"]);
  });

  it("is taken back when it is not ready in time", () => {
    const { world, up, pass, acts, units } = running();
    up("web", beside, { ready: false });
    pass(1600);
    expect(acts()).toEqual(["spawn web/0/2", "signal web/0/2 SIGTERM", "gone web/0/2"]);
    expect(units()).toEqual(["web/0/1 Running Ready"]);
    const detail = "generation 2 did not start (not ready within 1.5 s; not ready: 503 not yet): generation 1 is kept";
    expect(statusOf(world.system, "web")).toMatchObject({ rollout: "failed", generation: 1, detail });
    expect(conditionOf(world.system, "web", "healthy")).toEqual({ is: "failed", reason: detail });
  });

  it("has one deadline, however often it is restarted meanwhile", () => {
    const { world, up, pass } = running();
    const restart = { policy: "always", delayMs: 50, maxDelayMs: 200, resetAfterMs: 9000, crashLoopAfter: 99 } as const;
    up("web", { ...beside, restart }, { exits: 1 });
    pass(1400);
    expect(statusOf(world.system, "web")?.rollout).toBe("going");
    pass(200);
    expect(statusOf(world.system, "web")?.rollout).toBe("failed");
  });

  it("is taken back when it crash-loops", () => {
    const { world, up, pass, units } = running();
    up("web", { ...beside, readyWithinMs: 60_000 }, { exits: 7 });
    pass(2000);
    expect(units()).toEqual(["web/0/1 Running Ready"]);
    expect(statusOf(world.system, "web")?.detail).toBe(
      "generation 2 did not start (crashed 3 times in a row, last: exit code 7): generation 1 is kept",
    );
  });

  it("is taken back at once when it fails for good", () => {
    const { world, up, pass } = running();
    up("web", beside, { exits: 125 });
    pass(10);
    expect(statusOf(world.system, "web")?.detail).toBe(
      "generation 2 did not start (exit code 125 means a permanent failure: not restarted): generation 1 is kept",
    );
  });

  it("is taken back in the same careful way when a later replica fails", () => {
    const { world, up, pass, acts, units } = running(2);
    up("web", { ...beside, replicas: 2 });
    pass(3);
    world.behave("web", 2, { spawns: true, ready: false, exits: null, ignoresSignals: false });
    pass(10);
    expect(units()).toEqual(["web/0/2 Running Unhealthy", "web/1/1 Running Ready", "web/1/2 Running Unknown"]);
    acts();
    pass(3000);
    expect(acts()).toEqual([
      "signal web/1/2 SIGTERM",
      "spawn web/0/1",
      "gone web/1/2",
      "signal web/0/2 SIGTERM",
      "gone web/0/2",
    ]);
    expect(units()).toEqual(["web/0/1 Running Ready", "web/1/1 Running Ready"]);
  });

  it("takes over from a generation that does not serve without waiting for it", () => {
    const the = stage();
    the.up("web", {}, { exits: 1 });
    the.pass(2000);
    the.acts();
    the.up("web", beside);
    the.pass(20);
    expect(the.acts()).toEqual(["gone web/0/1", "spawn web/0/2"]);
    expect(the.units()).toEqual(["web/0/2 Running Ready"]);
  });

  it("without a probe shows for a second that it stays up", () => {
    const { up, pass, acts, unit } = running();
    up("web", { ...beside, probed: false });
    pass(900);
    expect(acts()).toEqual(["spawn web/0/2"]);
    expect(unit("web/0/2").health).toBe("Unknown");
    pass(200);
    expect(acts()).toEqual(["signal web/0/1 SIGTERM", "gone web/0/1"]);
  });

  it("without a probe is taken back when it does not stay up", () => {
    const { world, up, pass, units } = running();
    up("web", { ...beside, probed: false }, { exits: 1 });
    pass(5000);
    expect(units()).toEqual(["web/0/1 Running Ready"]);
    expect(statusOf(world.system, "web")?.rollout).toBe("failed");
  });

  it("gives way to a newer one; what serves goes on serving", () => {
    const { up, pass, acts, units } = running();
    up("web", beside, { ready: false });
    pass(10);
    up("web", { ...beside, generation: 3 });
    pass(20);
    expect(acts()).toEqual([
      "spawn web/0/2",
      "signal web/0/2 SIGTERM",
      "spawn web/0/3",
      "gone web/0/2",
      "signal web/0/1 SIGTERM",
      "gone web/0/1",
    ]);
    expect(units()).toEqual(["web/0/3 Running Ready"]);
  });

  it("keeps the old one alive meanwhile: what crashes is restarted", () => {
    const { world, up, pass, acts } = running();
    up("web", beside, { ready: false });
    pass(10);
    world.crash("web", { code: 1, signal: null, oom: false });
    pass(200);
    expect(acts()).toEqual(["spawn web/0/2", "spawn web/0/1"]);
  });

  it("after it failed, can be tried again, or left for the old one", () => {
    const again = running();
    again.up("web", beside, { exits: 125 });
    again.pass(10);
    again.up("web", beside);
    again.pass(20);
    expect(again.units()).toEqual(["web/0/2 Running Ready"]);

    const back = running();
    back.up("web", beside, { exits: 125 });
    back.pass(10);
    back.acts();
    back.up("web", { replicas: 2 });
    back.pass(20);
    expect(back.acts()).toEqual(["spawn web/1/1"]);
    expect(statusOf(back.world.system, "web")).toMatchObject({ rollout: "none", generation: 1 });
  });

  it("ends with a stop; the next start begins with the newest", () => {
    const { up, pass, order, acts, units } = running();
    up("web", beside, { ready: false });
    pass(10);
    order("stop", "web");
    pass(10);
    expect(units()).toEqual(["web/0/2 Exited Unknown"]);
    acts();
    order("start", "web");
    pass(10);
    expect(acts()).toEqual(["spawn web/0/2"]);
  });
});

describe("scaling", () => {
  it("starts and forgets replicas, and leaves the others alone", () => {
    const { up, pass, acts, units } = running();
    up("web", { replicas: 3 });
    pass(20);
    up("web", { replicas: 1 });
    pass(20);
    expect(acts()).toEqual([
      "spawn web/1/1",
      "spawn web/2/1",
      "signal web/1/1 SIGTERM",
      "signal web/2/1 SIGTERM",
      "gone web/1/1",
      "gone web/2/1",
    ]);
    expect(units()).toEqual(["web/0/1 Running Ready"]);
    up("web", { replicas: 0 });
    pass(20);
    expect(units()).toEqual([]);
  });

  it("back up meanwhile starts again what was about to go", () => {
    const { up, pass, units } = running(2);
    up("web", { replicas: 1 });
    up("web", { replicas: 2 });
    pass(20);
    expect(units()).toEqual(["web/0/1 Running Ready", "web/1/1 Running Ready"]);
  });
});

describe("an older generation desired late", () => {
  it("changes nothing", () => {
    const { world, up, pass } = running();
    up("web", { generation: 3 });
    pass(20);
    const before = world.system;
    up("web", { generation: 2 });
    expect(world.system).toBe(before);
  });
});
