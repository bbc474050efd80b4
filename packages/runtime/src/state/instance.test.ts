import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openInstance, writeInstance, type Instance } from "./instance.ts";
import { layout, type Layout } from "./layout.ts";
import { openState } from "./store.ts";
import { tempFolder } from "./testing/temp-folder.ts";

interface Place {
  readonly root: string;
  readonly lib: string;
}

function place(root = tempFolder(), lib = tempFolder()): Place {
  return { root, lib };
}

function layoutOf({ root, lib }: Place): Layout {
  return { ...layout({ root, stack: "s", environment: "dev", uid: 0, env: {}, tmpdir: root }), instancesFolder: lib };
}

function open(at: Place, change: { readonly environment?: string } = {}): Instance {
  const where = layoutOf(at);
  const state = openState(where.stateFile, { scratch: at.root });
  try {
    return openInstance(state, where, { root: at.root, stack: "s", environment: "dev", ...change });
  } finally {
    state.close();
  }
}

test("made once, 128 bits, then read from the state", () => {
  const at = place();
  const made = open(at);
  expect(made).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), origin: "made" });
  expect(open(at)).toEqual({ id: made.id, origin: "state" });
});

test("a lost state finds its instance again, beside it or beside the data", () => {
  const at = place();
  const { id } = open(at);
  const folder = layoutOf(at).stateFolder;
  writeFileSync(join(folder, "state.db"), "damaged");
  expect(open(at)).toEqual({ id, origin: "found" });
  mkdirSync(join(at.lib, id));
  writeInstance(join(at.lib, id), id, { root: at.root, stack: "s", environment: "dev" });
  rmSync(join(at.root, ".caisson"), { recursive: true });
  expect(open(at)).toEqual({ id, origin: "found" });
  rmSync(join(at.root, ".caisson"), { recursive: true });
  expect(open(at, { environment: "prod" }).origin).toBe("made");
});

test("a moved project keeps its instance, a copied one is refused while the original is there", () => {
  const at = place();
  const { id } = open(at);
  const moved = join(tempFolder(), "moved");
  renameSync(at.root, moved);
  expect(open(place(moved, at.lib))).toEqual({ id, origin: "state" });
  const copy = join(tempFolder(), "copy");
  cpSync(moved, copy, { recursive: true });
  expect(() => open(place(copy, at.lib))).toThrow(
    expect.objectContaining({ code: "E_INSTANCE_COPIED", hint: expect.stringContaining(copy) }),
  );
  rmSync(join(copy, ".caisson"), { recursive: true });
  expect(open(place(copy, at.lib)).id).not.toBe(id);
});

test("what is written into the instance file by others is not believed", () => {
  const at = place();
  const folder = layoutOf(at).stateFolder;
  mkdirSync(folder, { recursive: true });
  for (const text of [
    "",
    "[]",
    "null",
    JSON.stringify({ instance: "../../etc", root: at.root, stack: "s", environment: "dev" }),
  ]) {
    writeFileSync(join(folder, "instance.json"), text);
    rmSync(join(folder, "state.db"), { force: true });
    expect(open(at).origin, text).toBe("made");
  }
});
