import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { tempFolder } from "../testing/temp-folder.ts";

const stack = (name: string, line = ""): string =>
  `import { defineStack } from "@caisson/core";\n${line}\nexport default defineStack("${name}", []);\n`;

let folder: string;
let file: string;
let cache: string;
beforeEach(() => {
  folder = tempFolder();
  file = join(folder, "stack.ts");
  cache = join(folder, "cache");
});

interface Probed {
  readonly facts: { readonly name: string; readonly root: string };
  readonly recalled: boolean;
  readonly definition: string | null;
  readonly broken: string | null;
}

/** Asks for the stack in a process of its own, a minute from now: a file that has just been written is not trusted. */
function probe(now = Date.now() + 60_000, place = cache): Probed {
  const script = join(import.meta.dirname, "../testing/source-probe.ts");
  return JSON.parse(execFileSync(process.execPath, [script, file, place, String(now)], { encoding: "utf8" })) as Probed;
}

test("what was worked out from a file that did not change is there the next time", () => {
  writeFileSync(file, stack("one"));
  expect(probe()).toMatchObject({ facts: { name: "one", environments: ["dev"] }, recalled: false, definition: "one" });
  expect(probe()).toMatchObject({
    facts: { name: "one", root: folder },
    recalled: true,
    definition: "one",
    broken: null,
  });
  const [name = ""] = readdirSync(join(cache, "caisson"));
  expect(statSync(join(cache, "caisson", name)).mode & 0o777).toBe(0o600);
});

test.each(["node:fs", "./impure.ts"])("a file that imports %s is looked at each time", (specifier) => {
  writeFileSync(join(folder, "impure.ts"), "export const at = Date.now();\n");
  writeFileSync(file, stack("one", `import * as other from "${specifier}"; void other;`));
  probe();
  expect(probe()).toMatchObject({ facts: { name: "one" }, recalled: false });
});

test("a change of any module of the stack is seen", () => {
  writeFileSync(join(folder, "part.ts"), 'export const part = "one";\n');
  writeFileSync(file, stack("${part}", 'import { part } from "./part.ts";').replaceAll('"${part}"', "part"));
  probe();
  expect(probe()).toMatchObject({ facts: { name: "one" }, recalled: true });
  writeFileSync(join(folder, "part.ts"), 'export const part = "two";\n');
  expect(probe()).toMatchObject({ facts: { name: "two" }, recalled: false });
  probe();
  utimesSync(join(folder, "part.ts"), 1, 1);
  expect(probe()).toMatchObject({ recalled: false });
});

test("a project's root that moves is seen", () => {
  mkdirSync(join(folder, "stacks"));
  file = join(folder, "stacks", "stack.ts");
  writeFileSync(file, stack("one"));
  expect(probe().facts.root).toBe(join(folder, "stacks"));
  writeFileSync(join(folder, "package-lock.json"), "{}");
  expect(probe()).toMatchObject({ facts: { root: folder }, recalled: false });
});

test("a file written this very moment is not trusted, for it might be written again within its clock's tick", () => {
  writeFileSync(file, stack("one"));
  const { ctimeMs } = statSync(file);
  probe(ctimeMs + 1);
  expect(probe()).toMatchObject({ recalled: false });
});

test("of a file that is broken now it tells what it was, and why", () => {
  writeFileSync(file, stack("one"));
  probe();
  writeFileSync(file, "export default {");
  expect(probe()).toMatchObject({
    facts: { name: "one" },
    recalled: false,
    definition: null,
    broken: expect.stringContaining("stack.ts"),
  });
  writeFileSync(file, stack("two"));
  expect(probe()).toMatchObject({ facts: { name: "two" }, definition: "two", broken: null });
});

test("what nobody asked for in a month is forgotten when another stack is remembered", () => {
  writeFileSync(file, stack("one"));
  probe();
  const [old = ""] = readdirSync(join(cache, "caisson"));
  utimesSync(join(cache, "caisson", old), new Date(), new Date(Date.now() - 31 * 86_400_000));
  file = join(folder, "other.ts");
  writeFileSync(file, stack("two"));
  probe();
  const left = readdirSync(join(cache, "caisson"));
  expect(left).toHaveLength(1);
  expect(left).not.toContain(old);
});

test("a damaged cache, or one that cannot be written, is done without", () => {
  writeFileSync(file, stack("one"));
  probe();
  for (const name of readdirSync(join(cache, "caisson"))) writeFileSync(join(cache, "caisson", name), "{");
  expect(probe()).toMatchObject({ facts: { name: "one" }, recalled: false });
  mkdirSync(join(folder, "other"));
  writeFileSync(join(folder, "other", "caisson"), "this is no folder");
  expect(probe(undefined, join(folder, "other"))).toMatchObject({ facts: { name: "one" } });
});
