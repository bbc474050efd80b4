import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writtenPerTurn } from "./per-turn.ts";
import { openState, type State } from "./store.ts";

describe("writtenPerTurn", () => {
  let folder: string;
  let commits: number;
  let under: State;
  let state: State;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "caisson-turn-"));
    commits = 0;
    const crashPoint = (point: string): void => void (commits += point === "after commit" ? 1 : 0);
    under = openState(join(folder, "state.db"), { scratch: folder, crashPoint });
    under.set("first", 0);
    commits = 0;
    state = writtenPerTurn(under);
  });
  afterEach(() => {
    state.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("makes what is written in one turn durable in one commit", async () => {
    for (let index = 0; index < 50; index++) state.set(`unit/${index}`, { index });
    expect(under.get("unit/49")).toBeUndefined();
    await nextTurn();
    expect(under.get("unit/49")).toEqual({ index: 49 });
    expect(commits).toBe(1);
  });

  it("reads its own writes at once, as copies, and sees what it deleted as gone", () => {
    state.set("a", { list: [1] });
    state.get<{ list: number[] }>("a")?.list.push(2);
    expect(state.get("a")).toEqual({ list: [1] });
    state.delete("a");
    expect(state.get("a")).toBeUndefined();
  });

  it("lists what was written in this turn too", () => {
    state.set("unit/b", 2);
    state.set("unit/a", 1);
    state.delete("first");
    expect(state.entries("")).toEqual([
      ["unit/a", 1],
      ["unit/b", 2],
    ]);
  });

  it("keeps what was set, not what its caller made of it afterwards", async () => {
    const value = { state: "Running" };
    state.set("unit", value);
    value.state = "changed later";
    await nextTurn();
    expect(under.get("unit")).toEqual({ state: "Running" });
  });

  it("leaves nothing of a transaction that throws, and everything that was set before it", async () => {
    state.set("kept", 1);
    state.set("changed", "before");
    const broken = (): void =>
      state.transaction(() => {
        state.set("changed", "after");
        state.set("new", true);
        state.delete("first");
        expect(state.entries("")).toEqual([
          ["changed", "after"],
          ["kept", 1],
          ["new", true],
        ]);
        throw new Error("broken off");
      });
    expect(broken).toThrow("broken off");
    const left = [
      ["changed", "before"],
      ["first", 0],
      ["kept", 1],
    ];
    expect(state.entries("")).toEqual(left);
    await nextTurn();
    expect(under.entries("")).toEqual(left);
  });

  it("writes what is left when it is closed", () => {
    state.set("last", true);
    state.close();
    const again = openState(join(folder, "state.db"), { scratch: folder });
    expect(again.get("last")).toBe(true);
    again.close();
    state = writtenPerTurn(again);
  });
});
