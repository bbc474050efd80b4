import { expect, it } from "vitest";
import { openStage } from "./testing/stage.ts";

it("a program that takes more memory than its limit is ended for that, and started again", async () => {
  await using stage = await openStage();
  await stage.up([{ name: "hungry", memory: "150MB" }, { name: "other" }]);
  await stage.ask("hungry", "/eat?400").catch(() => {}); // the answer does not come
  const back = await stage.until("hungry", (view) => view.restarts === 1 && view.health === "Ready");
  expect(back.exit).toMatchObject({ oom: true });
  const crashed = stage.boots("hungry");
  expect(crashed).toHaveLength(2);
  expect(await stage.view("other")).toMatchObject({ health: "Ready", restarts: 0 });
});

it("the limit holds for what a later agent took over", async () => {
  await using stage = await openStage();
  const actors = [{ name: "hungry", memory: "150MB" }] as const;
  await stage.up(actors);
  await stage.killAgent();
  expect(await stage.up(actors)).toMatchObject({ ok: true, changed: [] });
  await stage.ask("hungry", "/eat?400").catch(() => {}); // the answer does not come
  const back = await stage.until("hungry", (view) => view.restarts === 1);
  expect(back.exit).toMatchObject({ oom: true });
  expect(back.detail === "" || back.detail.includes("out of memory")).toBe(true);
});
