import { describe, expect, it } from "vitest";
import { connectAgent } from "@caisson/runtime";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { cli } from "./testing/cli.ts";
import { openStage, type Stage } from "./testing/stage.ts";
import { watchViews } from "./testing/watch.ts";

const chain = [{ name: "db" }, { name: "web", after: ["db"] }] as const;

const agentGone = (stage: Stage): Promise<boolean> =>
  until("the agent to end", async () => (await connectAgent(stage.project)) === undefined);

/** The order in which actors were told to stop, by their own logs' last lines. */
const allReady = async (stage: Stage, names: readonly string[]): Promise<void> => {
  await until("an agent", async () => (await connectAgent(stage.project)) !== undefined);
  for (const name of names) await stage.until(name, (view) => view.health === "Ready");
};

describe("a foreground `up`", () => {
  it("takes the stack down in order on Ctrl-C, with exit code 0", async () => {
    await using stage = await openStage();
    stage.script(chain);
    const up = cli(stage, ["up"]);
    await allReady(stage, ["db", "web"]);
    const watch = await watchViews(await stage.agent());
    await up.says(/web/);
    up.child.kill("SIGINT");
    const { code, stderr } = await up.ended;
    expect({ code, stderr: stderr.split("\n").filter((line) => /error|fault/.test(line)) }).toEqual({
      code: 0,
      stderr: [],
    });
    await watch.end();
    const stopped = watch.views.filter(({ state }) => state === "Exited").map(({ name }) => name);
    expect([...new Set(stopped)]).toEqual(["web", "db"]);
    expect(stage.processes()).toEqual([]);
    await agentGone(stage);
  });

  it("kills what is left on the second Ctrl-C", async () => {
    await using stage = await openStage();
    stage.script([{ name: "deaf", does: "ignore-term", graceMs: 60_000 }]);
    const up = cli(stage, ["up"]);
    await allReady(stage, ["deaf"]);
    up.child.kill("SIGINT");
    await stage.until("deaf", (view) => view.state === "Stopping");
    up.child.kill("SIGINT");
    expect((await up.ended).code).toBe(0);
    expect(stage.processes()).toEqual([]);
  });

  it.each(["SIGHUP", "SIGTERM"] as const)("takes the stack down on %s, as when its terminal closes", async (signal) => {
    await using stage = await openStage();
    stage.script(chain);
    const up = cli(stage, ["up"]);
    await allReady(stage, ["db", "web"]);
    up.child.kill(signal);
    await up.ended;
    await agentGone(stage);
    expect(stage.processes()).toEqual([]);
  });

  it("that is killed (SIGKILL) loses its lease: the stack goes down in order", async () => {
    await using stage = await openStage();
    stage.script(chain);
    const up = cli(stage, ["up"]);
    await allReady(stage, ["db", "web"]);
    up.child.kill("SIGKILL");
    await up.ended;
    await agentGone(stage);
    expect(stage.processes()).toEqual([]);
  });

  it("interrupted before all is up takes down what it began, with exit code 130", async () => {
    await using stage = await openStage();
    stage.script([
      { name: "db", does: "never-ready" },
      { name: "web", after: ["db"] },
    ]);
    const up = cli(stage, ["up"]);
    await until("db to run", () => stage.boots("db").length > 0);
    up.child.kill("SIGINT");
    expect((await up.ended).code).toBe(130);
    await agentGone(stage);
    expect(stage.processes()).toEqual([]);
    expect(stage.boots("web")).toEqual([]);
  });

  it("that cannot be planned after its agent took over what runs leaves that as it was", async () => {
    await using stage = await openStage();
    await using other = await openStage();
    await other.up([{ name: "holder" }]);
    const port = Number((await other.view("holder")).addresses["http"]?.split(":").at(-1));
    await stage.up(chain);
    const pids = stage.processes();
    await stage.killAgent();
    stage.script([...chain, { name: "third", port, fixed: true }]);
    const up = await cli(stage, ["up"]).ended;
    expect(up).toMatchObject({ code: 1, stderr: expect.stringContaining("E_PORT_TAKEN") });
    expect(stage.processes()).toEqual(pids);
    expect(await stage.up(chain)).toMatchObject({ ok: true, changed: [] });
    expect(stage.processes()).toEqual(pids);
  });

  it("of a stack that runs already only leaves it", async () => {
    await using stage = await openStage();
    await stage.up(chain);
    stage.script(chain);
    const pids = stage.processes();
    const up = cli(stage, ["up"]);
    await up.says(/nothing to do/);
    up.child.kill("SIGINT");
    expect((await up.ended).code).toBe(0);
    expect(stage.processes()).toEqual(pids);
    const second = cli(stage, ["up"]);
    await second.says(/nothing to do/);
    second.child.kill("SIGKILL");
    await second.ended;
    expect(await stage.view("web")).toMatchObject({ health: "Ready" });
    expect(stage.processes()).toEqual(pids);
  });
});

describe("the agent", () => {
  it("is not ended by SIGHUP and SIGINT, and leaves everything running on SIGTERM", async () => {
    await using stage = await openStage();
    await stage.up(chain);
    const pid = await stage.agentPid();
    const pids = stage.processes();
    process.kill(pid, "SIGHUP");
    process.kill(pid, "SIGINT");
    expect(await stage.view("web")).toMatchObject({ health: "Ready" });
    process.kill(pid, "SIGTERM");
    await agentGone(stage);
    expect(stage.processes()).toEqual(pids);
    expect(await stage.up(chain)).toMatchObject({ ok: true, changed: [] });
    expect(stage.processes()).toEqual(pids);
    expect(await stage.agentPid()).not.toBe(pid);
  });

  it("that is killed ends a foreground `up` with its reason; what runs goes on", async () => {
    await using stage = await openStage();
    stage.script(chain);
    const up = cli(stage, ["up"]);
    await allReady(stage, ["db", "web"]);
    await up.says(/web 1 says/);
    const pids = stage.processes();
    await stage.killAgent();
    const { code, stderr } = await up.ended;
    // In the middle of an answer, or before the next question.
    expect([1, 7]).toContain(code);
    expect(stderr).toMatch(/error\[E_(AGENT_LOST|NOT_RUNNING)\]/);
    expect(stage.processes()).toEqual(pids);
    expect(await stage.up(chain)).toMatchObject({ ok: true, changed: [] });
  });

  it("that is replaced by a newer one leaves everything to it", async () => {
    await using stage = await openStage();
    await stage.up(chain);
    const pids = stage.processes();
    const old = await stage.agentPid();
    await (await stage.agent()).replace();
    expect(await stage.up(chain)).toMatchObject({ ok: true, changed: [] });
    expect(await stage.agentPid()).not.toBe(old);
    expect(stage.processes()).toEqual(pids);
  });

  it("told to go down while an `up` waits ends both", async () => {
    await using stage = await openStage();
    const up = stage.up([
      { name: "db", does: "never-ready" },
      { name: "web", after: ["db"] },
    ]);
    await until("db to run", () => stage.boots("db").length > 0);
    await stage.down();
    const { ok, failed } = await up;
    expect(ok).toBe(false);
    expect(failed[0]).toMatchObject({ resource: "db", reason: expect.stringContaining("told to stop") });
    expect(stage.processes()).toEqual([]);
  });
});
