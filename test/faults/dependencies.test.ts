import { describe, expect, it } from "vitest";
import { connectAgent } from "@caisson/runtime";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { cli } from "./testing/cli.ts";
import { openStage } from "./testing/stage.ts";

const chain = (does = ""): { name: string; does?: string; after?: string[] }[] => [
  { name: "db", does },
  { name: "web", after: ["db"] },
  { name: "edge", after: ["web"] },
];

describe("a dependency", () => {
  it("that is never ready: `up --wait` ends in time and names the chain, `why` tells it too", async () => {
    await using stage = await openStage();
    const begun = stage.up(chain("never-ready"));
    await until("an agent", async () => (await connectAgent(stage.project)) !== undefined);
    await stage.until("db", ({ detail }) => detail.includes("503"));
    stage.script(chain("never-ready"));
    const up = await cli(stage, ["up", "-d", "--wait", "--wait-timeout", "2s"]).ended;
    expect(up.code).toBe(17);
    expect(up.stderr).toMatch(/edge is Waiting \(waits for web\)/);
    expect(up.stderr).toMatch(/db is Running \(not ready: .*503/);
    const why = await cli(stage, ["why", "edge"]).ended;
    expect(why.code).toBe(0);
    for (const word of ["edge", "web", "db", "503"]) expect(why.stdout).toContain(word);
    expect(stage.boots("web")).toEqual([]);
    await stage.down();
    await begun;
  });

  it("that dies later: what needs it runs on, and is not restarted when it is back", async () => {
    await using stage = await openStage();
    await stage.up(chain());
    for (const code of [1, 2, 3]) {
      await stage.ask("db", `/exit?${code}`);
      await stage.until("db", (view) => view.restarts === code && view.health === "Ready");
    }
    expect(stage.boots("web")).toHaveLength(1);
    expect(stage.boots("edge")).toHaveLength(1);
  });

  it("that dies for good: what crashes meanwhile waits for it, with the reason, and comes back after it", async () => {
    await using stage = await openStage();
    await stage.up(chain());
    stage.direct("db", "exit=1");
    await stage.ask("db", "/exit?1");
    await stage.until("db", ({ state }) => state === "CrashLoop");
    await stage.ask("web", "/exit?1");
    const waiting = await stage.until("web", (view) => view.waitingFor.length > 0);
    expect(waiting).toMatchObject({ state: "Waiting", waitingFor: ["db"], detail: "waiting for db to be healthy" });
    stage.direct("db", "serve");
    await stage.until("web", (view) => view.health === "Ready");
    expect(stage.boots("web")).toHaveLength(2);
  });

  it("that is a job and fails: what needs it does not start, the rest does", async () => {
    await using stage = await openStage();
    const actors = [
      { name: "migrate", kind: "job", does: "exit=3" },
      { name: "web", after: ["migrate"] },
      { name: "other" },
    ] as const;
    const result = await stage.up(actors);
    expect(result.ok).toBe(false);
    expect(result.failed.map(({ resource, reason }) => `${resource}: ${reason}`)).toEqual([
      "migrate: expected migrate to be completed: failed 2 times, last: exit code 3",
      "web: migrate failed",
    ]);
    expect(await stage.view("other")).toMatchObject({ health: "Ready" });
    expect(await stage.view("web")).toMatchObject({ state: "Waiting", waitingFor: ["migrate"] });
    stage.direct("migrate", "exit=0");
    expect(await stage.up(actors)).toMatchObject({ ok: true });
    expect(await stage.view("web")).toMatchObject({ health: "Ready" });
  });
});
