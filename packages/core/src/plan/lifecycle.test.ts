import { describe, expect, it } from "vitest";
import { stage } from "./testing/stage.ts";

const healthy = (resource: string) => ({ resource, condition: "healthy" }) as const;
const completed = (resource: string) => ({ resource, condition: "completed" }) as const;

describe("gates", () => {
  it("hold a unit back until each need is met, and say which", () => {
    const { up, pass, unit, acts } = stage();
    up("gateway", { needs: [healthy("postgres"), completed("migrate")] });
    expect(unit("gateway/0/1").detail).toBe("waiting for postgres to be healthy and migrate to complete");
    up("postgres", {}, { ready: false });
    up("migrate", { kind: "job", needs: [{ resource: "postgres", condition: "started" }] });
    pass(50);
    expect(unit("migrate/0/1").state).toBe("Completed");
    expect(unit("gateway/0/1").waitingFor).toEqual(["postgres"]);
    expect(acts()).toEqual(["spawn postgres/0/1", "spawn migrate/0/1"]);
  });

  it("open by what the current generation of a job did, not an older one", () => {
    const { up, pass, units } = stage();
    up("migrate", { kind: "job" });
    pass(20);
    up("migrate", { kind: "job", generation: 2 }, { exits: 1 });
    up("gateway", { needs: [completed("migrate")] });
    pass(20);
    expect(units()).toEqual(["gateway/0/1 Waiting Unknown", "migrate/0/2 Waiting Unknown"]);
  });

  it("are looked at again before a retry, and never stop what runs", () => {
    const { world, up, order, pass, unit, acts } = stage();
    up("postgres");
    up("gateway", { needs: [healthy("postgres")] });
    pass(20);
    order("stop", "postgres");
    pass(20);
    expect(unit("gateway/0/1").state).toBe("Running");
    world.crash("gateway", { code: 1, signal: null, oom: false });
    pass(1000);
    expect(unit("gateway/0/1")).toMatchObject({ state: "Waiting", waitingFor: ["postgres"] });
    acts();
    order("start", "postgres");
    pass(20);
    expect(acts()).toEqual(["spawn postgres/0/1", "spawn gateway/0/1"]);
  });
});

describe("the end of a run", () => {
  const restart = (policy: "always" | "on-failure" | "no") => ({
    restart: { policy, delayMs: 100, maxDelayMs: 1000, resetAfterMs: 2000, crashLoopAfter: 3 },
  });
  it.each([
    ["always", 0, "Waiting", "exit code 0; tried again in 0.1 s"],
    ["always", 1, "Waiting", "exit code 1; tried again in 0.1 s"],
    ["on-failure", 0, "Exited", "exit code 0"],
    ["on-failure", 1, "Waiting", "exit code 1; tried again in 0.1 s"],
    ["no", 0, "Exited", "exit code 0"],
    ["no", 1, "Failed", 'exit code 1; its restart policy is "no"'],
    ["always", 125, "Failed", "exit code 125 means a permanent failure: not restarted"],
  ] as const)("of a service under %s with code %i is %s", (policy, exits, state, detail) => {
    const { up, pass, unit } = stage();
    up("web", restart(policy), { exits });
    pass(4);
    expect(unit("web/0/1")).toMatchObject({ state, detail, health: "Unknown", exit: { code: exits } });
  });

  it("of a job counts as an attempt until none is left", () => {
    const { up, pass, unit, acts } = stage();
    up("migrate", { kind: "job" }, { exits: 3 });
    pass(5000);
    expect(unit("migrate/0/1")).toMatchObject({ state: "Failed", detail: "failed 3 times, last: exit code 3" });
    expect(acts()).toEqual(Array.from({ length: 3 }, () => "spawn migrate/0/1"));
  });

  it("of a job with success stays, whatever is ordered but a restart", () => {
    const { up, order, pass, acts, unit } = stage();
    up("migrate", { kind: "job" });
    pass(20);
    order("start", "migrate");
    up("migrate", { kind: "job" });
    order("stop", "migrate");
    order("start", "migrate");
    pass(20);
    expect(acts()).toEqual(["spawn migrate/0/1"]);
    order("restart", "migrate");
    pass(20);
    expect(acts()).toEqual(["spawn migrate/0/1"]);
    expect(unit("migrate/0/1").state).toBe("Completed");
  });

  it("that was never begun counts as a crash", () => {
    const { up, pass, unit } = stage();
    up("web", {}, { spawns: false });
    pass(3);
    expect(unit("web/0/1").detail).toBe("could not start: no such program; tried again in 0.1 s");
    pass(3000);
    expect(unit("web/0/1").state).toBe("CrashLoop");
  });

  it("by the memory limit says so", () => {
    const { world, up, pass, unit } = stage();
    up("web");
    pass(20);
    world.crash("web", { code: null, signal: "SIGKILL", oom: true });
    pass(2);
    expect(unit("web/0/1").detail).toBe("out of memory; tried again in 0.1 s");
  });
});

describe("crashes in a row", () => {
  it("are tried again ever later up to the cap, as a crash loop at the cap, without end", () => {
    const { world, up, pass, unit } = stage();
    up("web", {}, { exits: 1 });
    pass(10_000);
    const delays = world.log.flatMap((line) => /set-timer web\/0\/1 backoff (\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(delays.slice(0, 3).map((delay) => delay > 70)).toEqual([true, true, true]);
    expect(delays.slice(2).every((delay) => delay >= 750 && delay <= 1000)).toBe(true);
    expect(delays.length).toBeGreaterThan(8);
    expect(unit("web/0/1").detail).toMatch(
      /^crashed \d+ times in a row, last: exit code 1; tried again in (1|0\.9) s$/,
    );
  });

  it("count as restarts, and no other start does: not a stop and a start, not a restart by hand", () => {
    const { world, up, order, pass, unit } = stage();
    up("web");
    pass(20);
    world.crash("web", { code: 1, signal: null, oom: false });
    pass(500);
    expect(unit("web/0/1")).toMatchObject({ state: "Running", restarts: 1 });
    order("stop", "web");
    pass(20);
    expect(unit("web/0/1")).toMatchObject({ state: "Exited", restarts: 1 });
    order("start", "web");
    pass(20);
    expect(unit("web/0/1")).toMatchObject({ state: "Running", restarts: 0 });
    order("restart", "web");
    pass(20);
    expect(unit("web/0/1")).toMatchObject({ state: "Running", restarts: 0 });
  });

  it("are forgotten after a stable time", () => {
    const { world, up, pass, unit } = stage();
    const crash = (): void => {
      world.crash("web", { code: 1, signal: null, oom: false });
      pass(500);
    };
    up("web");
    pass(20);
    crash();
    crash();
    expect(unit("web/0/1")).toMatchObject({ crashes: 2, restarts: 2, state: "Running" });
    pass(2000);
    expect(unit("web/0/1")).toMatchObject({ crashes: 0, restarts: 2 });
    crash();
    expect(unit("web/0/1")).toMatchObject({ crashes: 1, restarts: 3 });
  });

  it("end when somebody starts it by hand", () => {
    const { up, pass, unit, order, acts } = stage();
    up("web", {}, { exits: 1 });
    pass(1200);
    expect(unit("web/0/1").state).toBe("CrashLoop");
    acts();
    order("start", "web");
    expect(acts()).toEqual(["spawn web/0/1"]);
    expect(unit("web/0/1").crashes).toBe(0);
  });
});

describe("probes", () => {
  it("of readiness change the health and restart nothing", () => {
    const { world, up, pass, unit, acts } = stage();
    up("web");
    pass(20);
    world.probe("web", "ready", false);
    pass(5000);
    expect(unit("web/0/1")).toMatchObject({ health: "Unhealthy", detail: "not ready: no answer within 1 s" });
    world.probe("web", "ready", true);
    expect(unit("web/0/1")).toMatchObject({ health: "Ready", detail: "" });
    expect(acts()).toEqual(["spawn web/0/1"]);
  });

  it("of liveness restart what was ready, as a crash", () => {
    const { world, up, pass, unit, acts } = stage();
    up("web");
    pass(20);
    world.probe("web", "live", false);
    expect(unit("web/0/1")).toMatchObject({ state: "Stopping", health: "Unhealthy", stopReason: "unhealthy" });
    pass(5);
    expect(unit("web/0/1").detail).toBe("unhealthy: no answer within 1 s; tried again in 0.1 s");
    pass(200);
    expect(unit("web/0/1")).toMatchObject({ state: "Running", health: "Ready", crashes: 1 });
    expect(acts()).toEqual(["spawn web/0/1", "signal web/0/1 SIGTERM", "spawn web/0/1"]);
  });

  it("do nothing to what was never ready", () => {
    const { world, up, pass, unit, acts } = stage();
    up("web", {}, { ready: false });
    pass(60_000);
    world.probe("web", "live", false);
    expect(unit("web/0/1")).toMatchObject({ state: "Running", health: "Unknown", detail: "not ready: 503 not yet" });
    expect(acts()).toEqual(["spawn web/0/1"]);
  });

  it("are not needed to be ready: what has none is ready when it runs", () => {
    const { up, pass, units } = stage();
    up("web", { probed: false });
    pass(2);
    expect(units()).toEqual(["web/0/1 Running Ready"]);
  });
});
