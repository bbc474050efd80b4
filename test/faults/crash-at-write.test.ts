import { describe, expect, it } from "vitest";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import type { Actor } from "./testing/actors.ts";
import { startCrashingAgent, survives } from "./testing/crashing.ts";
import { openStage, type Stage } from "./testing/stage.ts";

const actors = (version: number): Actor[] => [
  { name: "setup", kind: "job", does: "exit=0", version: String(version) },
  { name: "db" },
  { name: "web", shared: true, after: ["db", "setup"], version: String(version), graceMs: 1000 },
];

/** After a crash one `up` with a fresh agent is enough: all is there, once, and nothing else. */
async function expectSound(stage: Stage, version: number): Promise<void> {
  const result = await stage.up(actors(version));
  expect(result.failed).toEqual([]);
  expect(await stage.view("setup")).toMatchObject({ state: "Completed" });
  for (const name of ["db", "web"])
    expect(await stage.view(name)).toMatchObject({
      state: "Running",
      health: "Ready",
      replicas: { wanted: 1, ready: 1 },
    });
  expect(await stage.ask("web", "/")).toMatchObject({ version: String(version) });
  // A copy that goes may still be on its way out; a shim and a program each for db and web stay.
  await until("nothing but db and web to run", () => stage.processes().length === 4);
  expect(await stage.up(actors(version))).toMatchObject({ ok: true, changed: [] });
  expect(
    stage
      .text("overlaps")
      .split("\n")
      .filter((line) => !line.startsWith("web/")),
  ).toEqual([""]);
}

describe("an agent that is killed at any of its writes", { timeout: 300_000 }, () => {
  it("during the first `up`: the next one brings everything up", async () => {
    let crashes = 0;
    for (let k = 1, over = false; !over; k++) {
      await using stage = await openStage();
      const crashing = await startCrashingAgent(stage, k, "now");
      over = await survives(crashing, async () => void (await stage.up(actors(1), { start: false })));
      if (!over) crashes += 1;
      await expectSound(stage, 1);
    }
    expect(crashes).toBeGreaterThan(10);
  });

  it("while things change: the next `up` ends in the wanted state", async () => {
    await using stage = await openStage();
    let crashes = 0;
    for (let k = 1, over = false; !over; k++) {
      const crashing = await startCrashingAgent(stage, k, "later");
      await expectSound(stage, k);
      crashing.kill("SIGUSR2");
      over = await survives(crashing, async () => {
        const agent = await stage.agent();
        await stage.up(actors(k + 1), { start: false });
        await agent.scale({ web: 2 });
        await stage.until("web", (view) => view.replicas.ready === 2);
        await agent.act("db", "stop");
        await stage.until("db", ({ state }) => state === "Exited");
        for await (const _ of agent.down({ volumes: false, force: false }));
      });
      if (!over) crashes += 1;
    }
    await expectSound(stage, 0);
    expect(crashes).toBeGreaterThan(10);
  });
});
