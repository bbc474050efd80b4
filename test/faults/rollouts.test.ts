import { expect, it } from "vitest";
import { cli } from "./testing/cli.ts";
import { watchAnswers } from "./testing/http.ts";
import { openStage } from "./testing/stage.ts";

const web = { name: "web", shared: true } as const;

it("a new version that does not start: the old one serves throughout, `up` says so with exit code 18", async () => {
  await using stage = await openStage();
  await stage.up([web]);
  const before = await stage.view("web");
  const service = watchAnswers(before.addresses["http"] ?? "");
  stage.script([{ ...web, version: "2", does: "exit=1" }]);
  const up = await cli(stage, ["up", "-d", "--wait", "--format", "json"]).ended;
  expect(up.code).toBe(18);
  expect(up.stderr + up.stdout).toContain("generation 2 did not start");
  const kept = await stage.until("web", (view) => view.generation === 1 && view.pids.length === before.pids.length);
  expect(kept).toMatchObject({ pids: before.pids, health: "Ready" });
  expect(await service.end()).toEqual([]);
  expect(await stage.ask("web", "/")).toMatchObject({ version: "1" });

  // The same again is tried again, with the same end; what it was before is what it is.
  expect(await stage.up([{ ...web, version: "2", does: "exit=1" }])).toMatchObject({ ok: false, changed: ["web"] });
  expect(await stage.up([web])).toMatchObject({ ok: true, changed: [] });
  expect(await stage.up([{ ...web, version: "4" }])).toMatchObject({ ok: true, changed: ["web"] });
  expect(await stage.ask("web", "/")).toMatchObject({ version: "4" });
  expect(stage.processes()).toHaveLength(2);
});

it("a new version of several replicas: replaced one by one, the service is never away", async () => {
  await using stage = await openStage();
  await stage.up([{ ...web, replicas: 2 }]);
  const service = watchAnswers((await stage.view("web")).addresses["http"] ?? "");
  expect(await stage.up([{ ...web, replicas: 2, version: "2" }])).toMatchObject({ ok: true, failed: [] });
  expect(await service.end()).toEqual([]);
  expect(await stage.view("web")).toMatchObject({ generation: 2, replicas: { wanted: 2, ready: 2 } });
  expect(
    stage
      .boots("web")
      .slice(2)
      .map(({ replica }) => replica),
  ).toEqual([0, 1]);
});

it("a version that failed: scaling scales what serves", async () => {
  await using stage = await openStage();
  await stage.up([web]);
  expect(await stage.up([{ ...web, version: "2", does: "exit=125" }])).toMatchObject({ ok: false });
  await (await stage.agent()).scale({ web: 2 });
  await stage.until("web", (view) => view.replicas.ready === 2);
  expect(await stage.ask("web", "/")).toMatchObject({ version: "1" });
  expect(stage.boots("web")).toHaveLength(3);
});

it("what may not be twice: the old one ends before the new one starts", async () => {
  await using stage = await openStage();
  await stage.up([{ name: "store" }, { name: "web", after: ["store"] }]);
  expect(
    await stage.up([
      { name: "store", version: "2" },
      { name: "web", after: ["store"] },
    ]),
  ).toMatchObject({
    ok: true,
    changed: ["store"],
  });
  expect(stage.text("overlaps")).toBe("");
  expect(stage.boots("web")).toHaveLength(1);
});
