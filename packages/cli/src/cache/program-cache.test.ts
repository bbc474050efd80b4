import { defineProgram, defineStack, resolveStack, service, Type } from "@caisson/core";
import { relativeModules } from "@caisson/runtime/load";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, expect, test } from "vitest";
import { tempFolder } from "../testing/temp-folder.ts";
import { cachedProgramHashes } from "./program-cache.ts";

let root: string;
beforeEach(() => {
  root = tempFolder();
  mkdirSync(join(root, "sql/empty"), { recursive: true });
  write("package-lock.json", "{}");
  write("main.ts", 'import "./part.ts";\nimport "later";\nconst sql = new URL("./sql", import.meta.url);\n');
  write("part.ts", "export const part = 1;\n");
});

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

/** A minute from now: what has just been written is not trusted. `stamp`: which caisson asks. */
async function ask(stamp = "one", now = Date.now() + 60_000): Promise<string> {
  const program = defineProgram({ url: pathToFileURL(join(root, "contract.ts")).href }, "web", {
    config: Type.Object({}),
  });
  const stack = relativeModules(resolveStack(defineStack("demo", [service(program, { config: {} })])), root);
  const place = { path: join(root, ".cache", "demo.json"), stamp };
  return (await cachedProgramHashes(place, stack, root, () => now))["web"] ?? "";
}

/** What is remembered is taken: with a hash nobody would work out in its place, that comes back. */
async function isRemembered(stamp?: string): Promise<boolean> {
  const file = join(root, ".cache", "demo.programs.json");
  const kept = JSON.parse(readFileSync(file, "utf8")) as { hashes: Record<string, string> };
  writeFileSync(file, JSON.stringify({ ...kept, hashes: { web: "remembered" } }));
  return (await ask(stamp)) === "remembered";
}

test("hashes are remembered while nothing changes", async () => {
  await ask();
  expect(await isRemembered()).toBe(true);
  expect(await isRemembered("another caisson")).toBe(false);
});

test.each<[string, () => void]>([
  ["a source", () => write("part.ts", "export const part = 2;\n")],
  ["a file that is gone", () => rmSync(join(root, "part.ts"))],
  ["a file that is new in a folder of the program", () => write("sql/1.sql", "select 1")],
  ["a file that is new in a folder that was empty", () => write("sql/empty/2.sql", "select 2")],
  ["the lockfile", () => write("package-lock.json", '{ "lockfileVersion": 3 }')],
])("%s is seen", async (_, change) => {
  const before = await ask();
  change();
  expect(await isRemembered()).toBe(false);
  expect(await ask()).not.toBe(before);
});

test("a package.json that appears, or a package, is looked at anew", async () => {
  await ask();
  write("package.json", '{ "type": "module" }');
  expect(await isRemembered()).toBe(false);
  await ask();
  mkdirSync(join(root, "node_modules"));
  expect(await isRemembered()).toBe(false);
});

test("what has just been written is not trusted", async () => {
  await ask("one", statSync(join(root, "part.ts")).ctimeMs + 1);
  await expect(isRemembered()).rejects.toThrow("ENOENT");
});
