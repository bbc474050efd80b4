import { describe, expect, it } from "vitest";
import { stage } from "../testing/stage.ts";

const healthy = (resource: string) => ({ resource, condition: "healthy" }) as const;
const completed = (resource: string) => ({ resource, condition: "completed" }) as const;

describe("stopping", () => {
  it("kills after the grace what does not listen", () => {
    const { up, pass, unit, order, acts, units } = stage();
    up("web", {}, { ignoresSignals: true });
    pass(20);
    order("stop", "web");
    pass(299);
    expect(acts()).toEqual(["spawn web/0/1", "signal web/0/1 SIGTERM"]);
    pass(1);
    expect(acts()).toEqual(["kill web/0/1"]);
    expect(unit("web/0/1").detail).toBe("stopped by hand; did not stop within 0.3 s: killed");
    pass(5);
    expect(units()).toEqual(["web/0/1 Exited Unknown"]);
  });

  it("repeats its signal to what had not been spawned yet", () => {
    const { up, pass, order, acts, units } = stage();
    up("web");
    order("stop", "web");
    expect(acts()).toEqual(["spawn web/0/1", "signal web/0/1 SIGTERM"]);
    pass(20);
    expect(acts()).toEqual(["signal web/0/1 SIGTERM"]);
    expect(units()).toEqual(["web/0/1 Exited Unknown"]);
  });

  it("and starting again meanwhile ends in one run", () => {
    const { up, pass, order, acts, units } = stage();
    up("web");
    pass(20);
    order("stop", "web");
    order("start", "web");
    pass(20);
    expect(acts()).toEqual(["spawn web/0/1", "signal web/0/1 SIGTERM", "spawn web/0/1"]);
    expect(units()).toEqual(["web/0/1 Running Ready"]);
  });

  it("leaves alone who needs it; so does a restart", () => {
    const { up, pass, order, acts } = stage();
    up("postgres");
    up("gateway", { needs: [healthy("postgres")] });
    pass(20);
    acts();
    order("restart", "postgres");
    pass(50);
    expect(acts()).toEqual(["signal postgres/0/1 SIGTERM", "spawn postgres/0/1"]);
  });

  it("by a removal is at once, where only what stays needs it, and ends in oblivion", () => {
    const { world, up, pass, order, acts, units } = stage();
    up("postgres");
    up("gateway", { needs: [healthy("postgres")] });
    up("other", { needs: [healthy("postgres")] });
    pass(20);
    acts();
    order("remove", "postgres");
    order("remove", "gateway");
    pass(20);
    expect(acts()).toEqual([
      "signal postgres/0/1 SIGTERM",
      "signal gateway/0/1 SIGTERM",
      "gone postgres/0/1",
      "gone gateway/0/1",
    ]);
    expect(units()).toEqual(["other/0/1 Running Ready"]);
    expect([...world.system.resources.entries()].map(([name]) => name)).toEqual(["other"]);
  });

  it("by a removal of users first keeps the order", () => {
    const { up, pass, order, acts } = stage();
    up("postgres");
    up("gateway", { needs: [healthy("postgres")] });
    pass(20);
    acts();
    order("remove", "gateway");
    order("remove", "postgres");
    pass(20);
    expect(acts()).toEqual([
      "signal gateway/0/1 SIGTERM",
      "gone gateway/0/1",
      "signal postgres/0/1 SIGTERM",
      "gone postgres/0/1",
    ]);
  });
});

describe("down", () => {
  const three = () => {
    const the = stage();
    the.up("postgres");
    the.up("migrate", { kind: "job", needs: [healthy("postgres")] });
    the.up("gateway", { needs: [healthy("postgres"), completed("migrate")] }, { ignoresSignals: true });
    the.up("edge", { needs: [healthy("gateway")] });
    the.pass(50);
    the.acts();
    return the;
  };

  it("stops what needs others first", () => {
    const { down, pass, acts, units } = three();
    down();
    pass(1000);
    expect(acts()).toEqual([
      "signal edge/0/1 SIGTERM",
      "signal gateway/0/1 SIGTERM",
      "kill gateway/0/1",
      "signal postgres/0/1 SIGTERM",
    ]);
    expect(units()).toEqual([
      "edge/0/1 Exited Unknown",
      "gateway/0/1 Exited Unknown",
      "migrate/0/1 Completed Unknown",
      "postgres/0/1 Exited Unknown",
    ]);
  });

  it("with force, also as a second thought, kills everything at once", () => {
    const { down, pass, acts, world } = three();
    down();
    pass(5);
    acts();
    down(true);
    expect(acts()).toEqual(["kill postgres/0/1", "kill gateway/0/1"]);
    pass(5);
    expect(world.processes.size).toBe(0);
  });

  it("is final: nothing starts after it", () => {
    const { up, down, order, pass, acts, units } = stage();
    down();
    up("web");
    order("start", "web");
    pass(20);
    expect([acts(), units()]).toEqual([[], []]);
  });

  it("does not restart what crashes while it waits for its turn", () => {
    const { world, down, pass, acts } = three();
    down();
    world.crash("postgres", { code: 1, signal: null, oom: false });
    pass(1000);
    expect(acts().filter((act) => act.startsWith("spawn"))).toEqual([]);
    expect(world.processes.size).toBe(0);
  });

  it("ends even where two generations made a circle of needs", () => {
    const { world, up, down, pass } = stage();
    up("a");
    up("b", { needs: [healthy("a")] });
    pass(20);
    up("a", { generation: 2, needs: [healthy("b")] });
    pass(20);
    up("b", { generation: 2, needs: [healthy("a")], replace: "start-first" });
    pass(20);
    down();
    pass(100);
    expect(world.processes.size).toBe(0);
  });
});
