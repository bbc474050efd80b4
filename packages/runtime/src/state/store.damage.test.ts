import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openState } from "./store.ts";
import { migrations } from "./testing/script.ts";
import { tempFolder } from "./testing/temp-folder.ts";
import { unprivileged } from "./testing/unprivileged.ts";

const content = { instance: "i1", "unit/a": { pid: 4711 }, long: "v".repeat(6000) };

function madeState(folder: string): string {
  const file = join(folder, "state.db");
  const state = openState(file, { scratch: folder });
  for (const [key, value] of Object.entries(content)) state.set(key, value);
  state.close();
  return file;
}

function reopen(file: string): { entries: Record<string, unknown>; warnings: readonly string[] } {
  const state = openState(file, { scratch: dirname(file) });
  const entries = Object.fromEntries(state.entries(""));
  expect(state.close()).toBe(true);
  return { entries, warnings: state.warnings };
}

function damagedCopies(file: string): Buffer[] {
  const names = readdirSync(dirname(file)).filter((name) => /\.damaged-\d+$/.test(name));
  return names.map((name) => readFileSync(join(dirname(file), name)));
}

const damages: Readonly<Record<string, (file: string) => void>> = {
  empty: (file) => truncateSync(file, 0),
  "cut in the middle": (file) => truncateSync(file, 5000),
  "cut within the header": (file) => truncateSync(file, 50),
  "not a database": (file) => writeFileSync(file, "key=value\n"),
  "a database of somebody else": (file) => {
    rmSync(file);
    const db = new DatabaseSync(file);
    db.exec("CREATE TABLE other (a)");
    db.close();
  },
};

test.for(Object.keys(damages))("%s: an empty state, a warning, the original kept, data untouched", (name) => {
  const folder = tempFolder();
  const data = join(folder, "data");
  mkdirSync(data);
  writeFileSync(join(data, "PG_VERSION"), "18");
  const file = madeState(folder);
  damages[name]?.(file);
  const before = readFileSync(file);
  const { entries, warnings } = reopen(file);
  expect(entries).toEqual({});
  expect(warnings.join("\n")).toMatch(
    /state\.db was damaged \(.+\); starting from an empty state\n.*state\.db\.damaged-1/,
  );
  expect(damagedCopies(file)).toEqual([before]);
  expect(readFileSync(join(data, "PG_VERSION"), "utf8")).toBe("18");
  expect(reopen(file)).toEqual({ entries: {}, warnings: [] });
});

test("damaged twice: both originals are kept", () => {
  const file = madeState(tempFolder());
  for (const text of ["one", "two"]) {
    writeFileSync(file, text);
    reopen(file);
  }
  expect(damagedCopies(file).map(String).sort()).toEqual(["one", "two"]);
});

test("a changed version number is damage, not a newer schema", () => {
  const file = madeState(tempFolder());
  const bytes = readFileSync(file);
  // the head row: the version, a space, the checksum of all
  const { index } = /1 -?\d{5,}/.exec(bytes.toString("latin1")) ?? { index: 0 };
  bytes.write("2", index, "latin1");
  writeFileSync(file, bytes);
  expect(reopen(file).entries).toEqual({});
  expect(damagedCopies(file)).toEqual([bytes]);
});

test("a file whose structure is damaged but not its content: the content counts, the file is replaced", () => {
  const file = madeState(tempFolder());
  const bytes = readFileSync(file);
  // offset 36 of the header: number of free pages; there is none
  bytes.writeUInt32BE(3, 36);
  writeFileSync(file, bytes);
  const { entries, warnings } = reopen(file);
  expect(entries).toEqual(content);
  expect(warnings.join("\n")).toMatch(/cannot be written to \(Freelist.*\); it is written anew\n.*state\.db\.aside-1/);
  expect(reopen(file)).toEqual({ entries: content, warnings: [] });
});

test("any flipped bit or cut: what was written, or an empty state with the original kept; never something else", () => {
  const file = madeState(tempFolder());
  const original = readFileSync(file);
  let found = 0;
  const check = (mutated: Buffer): void => {
    for (const name of readdirSync(dirname(file))) rmSync(join(dirname(file), name));
    writeFileSync(file, mutated);
    const { entries, warnings } = reopen(file);
    if (warnings.length === 0 || entries["instance"] !== undefined) {
      expect(entries).toEqual(content);
      return;
    }
    found++;
    expect(entries).toEqual({});
    expect(damagedCopies(file)).toEqual([mutated]);
  };
  const flip = fc.record({ byte: fc.nat(original.length - 1), bit: fc.nat(7) });
  fc.assert(
    fc.property(fc.array(flip, { minLength: 1, maxLength: 3 }), (flips) => {
      const mutated = Buffer.from(original);
      for (const { byte, bit } of flips) mutated.writeUInt8(mutated.readUInt8(byte) ^ (1 << bit), byte);
      check(mutated);
    }),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.nat(original.length - 1), (length) => {
      check(original.subarray(0, length));
    }),
    { numRuns: 50 },
  );
  expect(found).toBeGreaterThan(60);
});

test("an older schema is migrated step by step and the old copy kept", () => {
  const folder = tempFolder();
  const file = madeState(folder);
  const state = openState(file, { scratch: folder, migrations });
  expect(state.get("instance")).toEqual({ wrapped: "i1" });
  expect(state.get("migrated")).toBe(true);
  expect(state.warnings.join("\n")).toMatch(/migrated from schema 1 to 3\n.*state\.db\.schema-1-1/);
  state.close();
  expect(reopen(join(folder, "state.db.schema-1-1")).entries).toEqual(content);
});

test("a newer schema is refused, and the file left as it is", () => {
  const folder = tempFolder();
  const file = madeState(folder);
  openState(file, { scratch: folder, migrations }).close();
  const before = readFileSync(file);
  expect(() => openState(file, { scratch: folder })).toThrow(
    expect.objectContaining({ code: "E_STATE_NEWER", message: expect.stringContaining("schema 3") }),
  );
  expect(readFileSync(file)).toEqual(before);
});

test("a read-only file in a writable folder: its content counts, a writable file takes its place", async () => {
  const folder = tempFolder();
  await unprivileged([folder], () => {
    const file = madeState(folder);
    chmodSync(file, 0o400);
    const state = openState(file, { scratch: folder });
    expect(state.get("instance")).toBe("i1");
    state.set("instance", "i2");
    expect(state.close()).toBe(true);
    expect(state.warnings.join("\n")).toMatch(/cannot be written to .*\n.*state\.db\.aside-1/);
    expect(reopen(file).entries).toEqual({ ...content, instance: "i2" });
  });
});

test("a file that cannot be read is not taken for an empty one", async () => {
  const folder = tempFolder();
  await unprivileged([folder], () => {
    const file = madeState(folder);
    chmodSync(file, 0);
    expect(() => openState(file, { scratch: folder })).toThrow(expect.objectContaining({ code: "E_STATE_READ" }));
  });
});

test("a file that another process has open is refused, not rebuilt", () => {
  const folder = tempFolder();
  const file = madeState(folder);
  const other = new DatabaseSync(file);
  other.exec("BEGIN EXCLUSIVE");
  expect(() => openState(file, { scratch: folder, busyMs: 50 })).toThrow(
    expect.objectContaining({ code: "E_STATE_BUSY" }),
  );
  other.close();
  expect(reopen(file)).toEqual({ entries: content, warnings: [] });
});
