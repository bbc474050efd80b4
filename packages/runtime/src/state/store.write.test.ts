import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { StateEvent } from "./journal.ts";
import { openState } from "./store.ts";
import { tempFolder } from "./testing/temp-folder.ts";
import { unprivileged } from "./testing/unprivileged.ts";

test("values are JSON, copies, and listed by prefix in order", () => {
  const folder = tempFolder();
  const state = openState(join(folder, "state.db"), { scratch: folder });
  const value = { list: [1, { deep: null }], text: "Grüße 🙂\u0000" };
  state.set("b/2", value);
  state.set("b/1", false);
  state.set("c", 1);
  value.list.push(3);
  expect(state.get("b/2")).toEqual({ ...value, list: [1, { deep: null }] });
  expect(state.entries("b/").map(([key]) => key)).toEqual(["b/1", "b/2"]);
  state.delete("b/1");
  expect(state.get("b/1")).toBeUndefined();
  expect(() => state.set("", 1)).toThrow("must not be empty");
  expect(() => state.set("f", () => 1)).toThrow("not JSON");
  state.close();
  expect(() => state.set("late", 1)).toThrow("after it was closed");
});

test("a transaction that throws leaves nothing, one that returns leaves all; it reads its own writes", () => {
  const folder = tempFolder();
  const file = join(folder, "state.db");
  const state = openState(file, { scratch: folder });
  state.set("a", 1);
  const failing = (): void =>
    state.transaction(() => {
      state.set("a", 2);
      state.delete("a");
      expect(state.get("a")).toBeUndefined();
      expect(state.entries("")).toEqual([]);
      throw new Error("no");
    });
  expect(failing).toThrow("no");
  expect(state.get("a")).toBe(1);
  const inner = state.transaction(() => {
    state.transaction(() => state.set("b", 1));
    state.set("a", 3);
    return state.get("b");
  });
  expect(inner).toBe(1);
  expect(() => state.transaction(async () => state.set("c", 1))).toThrow("must not be async");
  state.close();
  const again = openState(file, { scratch: folder });
  expect(Object.fromEntries(again.entries(""))).toEqual({ a: 3, b: 1 });
  again.close();
});

test("a folder that cannot be written: the agent goes on in memory, and writes when it can again", async () => {
  const folder = tempFolder();
  const place = join(folder, "state");
  mkdirSync(place);
  const file = join(place, "state.db");
  const { events, recovered, listen } = recorder();
  // The retry runs from a timer, as whoever the process is then: here, as root again where the tests run as root.
  const state = await unprivileged([folder, place], () => {
    chmodSync(place, 0o500);
    const opened = openState(file, { scratch: folder, retryMs: 20, onEvent: listen });
    opened.set("a", 1);
    opened.set("b", 2);
    expect(opened.get("a")).toBe(1);
    expect(opened.flush()).toBe(false);
    return opened;
  });
  expect(state.warnings.join("\n")).toMatch(/cannot be written; the state is in memory only/);
  expect(events).toMatchObject([{ type: "write-failed" }]);
  chmodSync(place, 0o700);
  await recovered;
  expect(state.close()).toBe(true);
  const again = openState(file, { scratch: folder });
  expect(Object.fromEntries(again.entries(""))).toEqual({ a: 1, b: 2 });
  expect(again.warnings).toEqual([]);
  again.close();
});

test.for(["deleted", "its folder deleted", "replaced"])("%s while in use: written anew from memory", (how) => {
  const folder = tempFolder();
  const file = join(folder, "stack", "state.db");
  const { events, listen } = recorder();
  const state = openState(file, { scratch: folder, onEvent: listen });
  state.set("a", 1);
  rmSync(how === "its folder deleted" ? join(folder, "stack") : file, { recursive: true });
  if (how === "replaced") writeFileSync(file, "somebody else's");
  state.set("b", 2);
  expect(events.map((event) => event.type)).toEqual(["replaced"]);
  expect(state.close()).toBe(true);
  const again = openState(file, { scratch: folder });
  expect(Object.fromEntries(again.entries(""))).toEqual({ a: 1, b: 2 });
  again.close();
  if (how === "replaced") expect(readdirSync(join(folder, "stack"))).toContain("state.db.aside-1");
});

const canMount = process.getuid?.() === 0 && tryMount();

test.skipIf(!canMount)(
  "disk full (needs root to mount one): nothing is lost, and it is written when there is space",
  async () => {
    const folder = tempFolder();
    const disk = join(folder, "disk");
    mkdirSync(disk);
    expect(mountTmpfs(disk)).toBe(true);
    onTestFinished(() => void unmount(disk));
    const file = join(disk, "state.db");
    const { events, recovered, listen } = recorder();
    const state = openState(file, { scratch: folder, retryMs: 20, onEvent: listen });
    state.set("before", "v".repeat(4000));
    fill(disk);
    state.transaction(() => {
      for (let index = 0; index < 50; index++) state.set(`during/${index}`, "v".repeat(4000));
    });
    state.set("before", "changed");
    expect(events).toMatchObject([{ type: "write-failed", unsaved: 50 }]);
    expect(state.entries("during/").length).toBe(50);
    rmSync(join(disk, "filler"));
    await recovered;
    expect(state.close()).toBe(true);
    const again = openState(file, { scratch: folder });
    expect(again.get("before")).toBe("changed");
    expect(again.entries("during/").length).toBe(50);
    expect(again.warnings).toEqual([]);
    again.close();
  },
);

test.skipIf(!canMount)("disk full at the start (needs root to mount one): the content is read, and kept", () => {
  const folder = tempFolder();
  const disk = join(folder, "disk");
  mkdirSync(disk);
  expect(mountTmpfs(disk)).toBe(true);
  onTestFinished(() => void unmount(disk));
  const file = join(disk, "state.db");
  const first = openState(file, { scratch: folder });
  first.set("a", 1);
  first.close();
  fill(disk);
  const state = openState(file, { scratch: folder });
  expect(state.get("a")).toBe(1);
  state.set("b", "v".repeat(9000));
  expect(state.flush()).toBe(false);
  rmSync(join(disk, "filler"));
  expect(state.close()).toBe(true);
  const again = openState(file, { scratch: folder });
  expect(again.get("b")).toBe("v".repeat(9000));
  again.close();
});

function recorder(): { events: StateEvent[]; recovered: Promise<void>; listen: (event: StateEvent) => void } {
  const events: StateEvent[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const listen = (event: StateEvent): void => {
    events.push(event);
    if (event.type === "write-recovered") resolve();
  };
  return { events, recovered: promise, listen };
}

function fill(disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "filler"), Buffer.alloc(bavail * bsize));
}

/** Root in a container often may not. */
function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "caisson-test-"));
  const mounted = mountTmpfs(folder) && unmount(folder);
  rmSync(folder, { recursive: true });
  return mounted;
}

function mountTmpfs(folder: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).status === 0;
}

function unmount(folder: string): boolean {
  return spawnSync("umount", [folder]).status === 0;
}
