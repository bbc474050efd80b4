import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openState } from "./store.ts";
import { migrations, modelAfter, script } from "./testing/script.ts";
import { tempFolder } from "./testing/temp-folder.ts";

const writer = fileURLToPath(new URL("testing/scripted-writer.ts", import.meta.url));

/** Runs the script in a process that is killed at its k-th crash point. `done`: steps that had returned by then. */
function runUntil(file: string, scratch: string, k: number, steps = 0): { crashed: boolean; done: number } {
  const argv = [writer, file, scratch, String(k), String(steps)];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  if (signal !== "SIGKILL") expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return { crashed: signal === "SIGKILL", done: stdout.split("\n").filter(Boolean).length };
}

function contentOf(file: string, scratch: string, steps = 0): { content: unknown; warnings: readonly string[] } {
  const state = openState(file, { scratch, migrations: migrations.slice(0, steps) });
  const content = Object.fromEntries(state.entries(""));
  state.close();
  return { content, warnings: state.warnings };
}

test("killed at every crash point, the state reopens with the old or the new value, never a mix", () => {
  const folder = tempFolder();
  let crashes = 0;
  for (let k = 1; ; k++) {
    const file = join(folder, String(k), "state.db");
    const { crashed, done } = runUntil(file, folder, k);
    if (!crashed) {
      expect(done).toBe(script.length);
      break;
    }
    crashes = k;
    const { content, warnings } = contentOf(file, folder);
    expect([modelAfter(done), modelAfter(done + 1)], `k = ${k}`).toContainEqual(content);
    expect(warnings, `k = ${k}`).toEqual([]);
  }
  // making the file, then before and after each commit
  expect(crashes).toBe(2 + 2 * script.length);
});

test("a crash loop of the writer makes progress and ends sound", () => {
  const folder = tempFolder();
  const file = join(folder, "state.db");
  for (const k of [1, 2, 3, 5, 7, 9]) runUntil(file, folder, k);
  expect(runUntil(file, folder, 0)).toEqual({ crashed: false, done: script.length });
  expect(contentOf(file, folder)).toEqual({ content: modelAfter(script.length), warnings: [] });
});

test("killed at every crash point of a migration, the content is the old or the new one, and the old copy stays", () => {
  const folder = tempFolder();
  const original = join(folder, "original.db");
  const state = openState(original, { scratch: folder });
  state.set("a", 1);
  state.close();
  for (let k = 1; k <= 4; k++) {
    const file = join(folder, String(k), "state.db");
    const place = openState(file, { scratch: folder });
    place.close();
    rmSync(file);
    copyFileSync(original, file);
    expect(runUntil(file, folder, k, 2).crashed).toBe(true);
    const { content } = contentOf(file, folder, 2);
    expect(content, `k = ${k}`).toEqual({ a: { wrapped: 1 }, migrated: true });
    const kept = readdirSync(join(folder, String(k))).filter((name) => name.includes("schema-1"));
    expect(kept.length, `k = ${k}`).toBeGreaterThan(0);
    for (const name of kept) {
      expect(contentOf(join(folder, String(k), name), folder)).toMatchObject({ content: { a: 1 } });
    }
  }
});

test("killed at every crash point of a rebuild, nothing of the damaged original is lost", () => {
  const folder = tempFolder();
  for (let k = 1; k <= 4; k++) {
    const file = join(folder, String(k), "state.db");
    openState(file, { scratch: folder }).close();
    writeFileSync(file, "no database at all");
    writeFileSync(`${file}-journal`, "its journal");
    expect(runUntil(file, folder, k).crashed).toBe(true);
    contentOf(file, folder);
    const names = readdirSync(join(folder, String(k))).filter((name) => name.includes("damaged"));
    const texts = names.map((name) => join(folder, String(k), name));
    expect(
      names.some((name) => name.endsWith("-journal")),
      `k = ${k}: ${names.join(" ")}`,
    ).toBe(true);
    expect(
      texts.some((name) => !name.endsWith("-journal")),
      `k = ${k}: ${names.join(" ")}`,
    ).toBe(true);
    expect(existsSync(file)).toBe(true);
  }
});
