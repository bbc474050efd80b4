import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadState } from "../../packages/runtime/src/state/load.ts";
import { replaceState } from "../../packages/runtime/src/state/replace-state.ts";
import { canMount, mountSmall } from "./testing/small-disk.ts";
import { openStage, type Stage } from "./testing/stage.ts";

const actors = [{ name: "db" }, { name: "web", after: ["db"] }] as const;

/** Runs the stack, kills its agent, lets `damage` at the state, and brings the stack up again. */
async function damaged(stage: Stage, damage: (file: string) => void): Promise<readonly string[]> {
  await stage.up(actors);
  await stage.killAgent();
  damage(join(stage.stateFolder, "state.db"));
  expect(await stage.up(actors)).toMatchObject({ ok: true });
  expect(stage.text("overlaps")).toBe("");
  expect(stage.processes()).toHaveLength(4);
  return (await (await stage.agent()).info()).warnings;
}

const asideIn = ({ stateFolder }: Stage): string[] =>
  readdirSync(stateFolder).filter(
    (name) => /^state\.db\.(damaged|aside|schema)/.test(name) && !name.endsWith("journal"),
  );

describe("the state file, found by the next agent", () => {
  const damages: [string, (file: string) => void][] = [
    ["truncated", (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ["empty", (file) => truncateSync(file, 0)],
    ["with a flipped bit", (file) => flipBit(file)],
    ["that is no database", (file) => writeFileSync(file, "not a database")],
  ];
  it.each(damages)("%s: it is kept aside with a warning, nothing runs twice", async (_, damage) => {
    await using stage = await openStage();
    const warnings = await damaged(stage, damage);
    expect(warnings[0]).toMatch(/state\.db was damaged \(.+\); starting from an empty state$/);
    expect(asideIn(stage)).toHaveLength(1);
    expect(stage.boots("web")).toHaveLength(2);
    // The instance is still the same: its data carries its id.
    expect(await stage.up(actors)).toMatchObject({ ok: true, changed: [] });
  });

  it("gone: an empty one takes its place, nothing runs twice", async () => {
    await using stage = await openStage();
    await damaged(stage, (file) => {
      for (const path of [file, `${file}-journal`]) rmSync(path, { force: true });
    });
    expect(stage.boots("db")).toHaveLength(2);
  });

  it("of a newer Caisson: refused, nothing is touched", async () => {
    await using stage = await openStage();
    await stage.up(actors);
    const pids = stage.processes();
    await stage.killAgent();
    const file = join(stage.stateFolder, "state.db");
    const original = readFileSync(file);
    rewriteVersion(file, 99);
    const newer = readFileSync(file);
    await expect(stage.up(actors)).rejects.toMatchObject({ code: "E_STATE_NEWER" });
    expect(stage.processes()).toEqual(pids);
    expect(readFileSync(file).equals(newer)).toBe(true);
    writeFileSync(file, original);
    expect(await stage.up(actors)).toMatchObject({ ok: true, changed: [] });
    expect(stage.processes()).toEqual(pids);
  });

  it("removed with its folder under a running agent: it answers on, and goes down as told", async () => {
    await using stage = await openStage();
    await stage.up(actors);
    rmSync(join(stage.root, ".caisson"), { recursive: true });
    expect(await stage.view("web")).toMatchObject({ health: "Ready" });
    await stage.ask("web", "/exit?1");
    await stage.until("web", (view) => view.restarts === 1 && view.health === "Ready");
    await stage.down();
    expect(stage.processes()).toEqual([]);
  });

  it("on a read-only file system: refused, everything runs on", async ({ skip }) => {
    if (!canMount()) skip("needs the right to mount");
    await using stage = await openStage();
    using disk = mountSmall(stage.stateFolder, "4m");
    await stage.up(actors);
    const pids = stage.processes();
    await stage.killAgent();
    await disk.remount("ro");
    await expect(stage.up(actors)).rejects.toMatchObject({ code: "E_AGENT_LOCK" });
    expect(stage.processes()).toEqual(pids);
    await disk.remount("rw");
    expect(await stage.up(actors)).toMatchObject({ ok: true, changed: [] });
    expect(stage.processes()).toEqual(pids);
    await stage.down();
  });
});

/** In what it says of each unit, where SQLite itself would not look. */
function flipBit(file: string): void {
  const content = readFileSync(file);
  for (let at = content.indexOf('"replica"'); at >= 0; at = content.indexOf('"replica"', at + 1))
    content.write("R", at + 1);
  writeFileSync(file, content);
}

function rewriteVersion(file: string, version: number): void {
  const loaded = loadState(file, tmpdir(), 1000);
  if (loaded.found !== "sound") throw new Error("the state is not sound");
  loaded.table.close();
  replaceState(file, { ...loaded.content, version }, "before", () => {});
}
