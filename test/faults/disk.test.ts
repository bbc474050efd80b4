import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { until } from "../../packages/runtime/src/supervisor/testing/scratch.ts";
import { writeInstance } from "../../packages/runtime/src/state/instance.ts";
import { canMount, fill, mountSmall } from "./testing/small-disk.ts";
import { openStage } from "./testing/stage.ts";

const actors = [{ name: "db" }, { name: "web", after: ["db"] }] as const;

/** So much of it that the state must grow. */
const more = [
  ...actors,
  ...Array.from({ length: 6 }, (_, index) => ({ name: `extra-${index}`, version: "x".repeat(4000) })),
];

it("a full disk under the state: what runs goes on, changes hold in memory and are written when there is room", async ({
  skip,
}) => {
  if (!canMount()) skip("needs the right to mount");
  await using stage = await openStage();
  using _ = mountSmall(stage.stateFolder, "1m");
  await stage.up(actors);
  const file = fill(stage.stateFolder);
  await stage.ask("db", "/exit?1");
  await stage.until("db", (view) => view.restarts === 1 && view.health === "Ready");
  expect(await stage.up(more)).toMatchObject({ ok: true });
  expect(stage.boots("web")).toHaveLength(1);
  const pids = stage.processes();
  rmSync(file);
  await until("the state to be written", () => /write-recovered/.test(stage.text(".caisson/faults/dev/agent.log")));
  // What was decided meanwhile is on disk: the next agent finds the same processes.
  await stage.killAgent();
  expect(await stage.up(more)).toMatchObject({ ok: true, changed: [] });
  expect(stage.processes()).toEqual(pids);
  await stage.down();
});

it("a full disk under the state, and the agent is killed: nothing runs twice", async ({ skip }) => {
  if (!canMount()) skip("needs the right to mount");
  await using stage = await openStage();
  using _ = mountSmall(stage.stateFolder, "1m");
  await stage.up(actors);
  const file = fill(stage.stateFolder);
  expect(await stage.up(more)).toMatchObject({ ok: true });
  await stage.ask("db", "/exit?1");
  await stage.until("db", (view) => view.restarts === 1 && view.health === "Ready");
  await stage.killAgent();
  rmSync(file);
  expect(await stage.up(more)).toMatchObject({ ok: true });
  expect(stage.text("overlaps")).toBe("");
  expect(stage.processes()).toHaveLength(2 * more.length);
  await stage.down();
});

it("a full disk under the logs: programs are not held up, lines come again when there is room", async ({ skip }) => {
  if (!canMount()) skip("needs the right to mount");
  await using stage = await openStage();
  mkdirSync(stage.stateFolder, { recursive: true, mode: 0o700 });
  writeInstance(stage.stateFolder, "f".repeat(32 - 8) + process.pid.toString(16).padStart(8, "0"), stage.project);
  const { logs, folder } = stage.places();
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  using _ = mountSmall(logs, "256k");
  await stage.up(actors);
  const file = fill(logs);
  await stage.ask("web", "/flood?1");
  await stage.ask("db", "/exit?1");
  await stage.until("db", (view) => view.restarts === 1 && view.health === "Ready");
  expect(await stage.view("web")).toMatchObject({ health: "Ready", restarts: 0 });
  rmSync(file);
  expect(existsSync(file)).toBe(false);
  await stage.ask("db", `/say?${Buffer.from("room again\n").toString("base64url")}`);
  await until("the line", async () => (await (await stage.agent()).tail("db")).lines.includes("room again"));
  expect(statSync(join(logs, "web.0.log")).size).toBeLessThan(256 << 10);
  await stage.down();
});
