import {
  defineProgram,
  defineStack,
  job,
  pod,
  postgres,
  resolveStack,
  service,
  Type,
  type ResolvedStack,
} from "@caisson/core";
import { cpSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { programHashes } from "./program-hashes.ts";
import { relativeModules } from "./relative-modules.ts";
import { tempFolder, writeFiles } from "./testing/project.ts";

const files = {
  "package-lock.json": "{}",
  "stack.ts": "// never part of a program",
  "services/api/contract.ts": `import { defineProgram } from "@caisson/core";`,
  "services/api/main.ts": `import { api } from "./contract.ts";
import { helper } from "../../lib/helper.ts";
import type { Other } from "../worker/main.ts";
import { kit } from "@demo/kit";
const lazy = () => import("./lazy.ts");
const sql = new URL("./migrations", import.meta.url);`,
  "services/api/lazy.ts": `import words from "./words.json" with { type: "json" };`,
  "services/api/words.json": "{}",
  "services/api/migrations/1.sql": "SELECT 1",
  "services/api/migrations/more/2.sql": "SELECT 2",
  "services/api/README.md": "not named by the code",
  "services/worker/main.ts": `import "node:fs";`,
  "services/tool/tool.py": "print(1)",
  "services/tool/sub/more.py": "print(2)",
  "lib/helper.ts": `export * from "./deep/helper.ts"; export * from "./helper.ts";`,
  "lib/deep/helper.ts": "export const a = 1;",
  "packages/kit/package.json": `{ "name": "@demo/kit", "type": "module", "exports": { ".": "./src/index.ts" } }`,
  "packages/kit/src/index.ts": `import pg from "pg";`,
  "packages/kit/src/unused.ts": "",
};

function makeProject(): string {
  const root = tempFolder();
  writeFiles(root, { ...files, "node_modules/@demo/.keep": "", "node_modules/pg/package.json": `{ "name": "pg" }` });
  symlinkSync(join(root, "packages/kit"), join(root, "node_modules/@demo/kit"));
  return root;
}

function stackAt(root: string): ResolvedStack {
  const at = (name: string): { url: string } => ({
    url: pathToFileURL(join(root, "services", name, "contract.ts")).href,
  });
  const none = Type.Object({});
  return relativeModules(
    resolveStack(
      defineStack("demo", [
        postgres("db"),
        service(defineProgram(at("api"), "api", { config: none }), { config: {} }),
        job(defineProgram(at("worker"), "worker", { config: none }), { config: {} }),
        service(defineProgram(at("tool"), "tool", { command: ["python3", "tool.py"], config: none }), { config: {} }),
      ]),
    ),
    root,
  );
}

function hashesOf(root: string): Readonly<Record<string, string>> {
  return programHashes(stackAt(root), root).hashes;
}

describe("programHashes", () => {
  test("has one for every program, none for a store", () => {
    const hashes = hashesOf(makeProject());
    expect(Object.keys(hashes).toSorted()).toEqual(["api", "db-provision", "tool", "worker"]);
    for (const hash of Object.values(hashes)) expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(Object.values(hashes)).size).toBe(4);
  });

  test("has one for a pod's supervisor, by the pod's name", () => {
    const root = makeProject();
    const api = stackAt(root).resources.find(({ name }) => name === "api");
    if (!api) throw new Error("expected api");
    const stack = resolveStack(defineStack("demo", [pod("core", [api])]));
    const { hashes, seen } = programHashes(stack, root);
    expect(Object.keys(hashes)).toEqual(["api", "core"]);
    expect(hashes["core"]).not.toBe(hashes["api"]);
    expect(seen.some((path) => path.endsWith("/pod/supervise.ts"))).toBe(true);
  });

  test("is equal wherever the project lies, linked or not, and the second time", () => {
    const root = makeProject();
    const hashes = hashesOf(root);
    expect(hashesOf(root)).toEqual(hashes);
    const elsewhere = join(tempFolder(), "mit Leerzeichen ü %20#");
    cpSync(root, elsewhere, { recursive: true, verbatimSymlinks: true });
    rmSync(join(elsewhere, "node_modules/@demo/kit"));
    symlinkSync("../../packages/kit", join(elsewhere, "node_modules/@demo/kit"));
    expect(hashesOf(elsewhere)).toEqual(hashes);
  });

  test.each([
    ["services/api/main.ts", ["api"]],
    ["services/api/contract.ts", ["api"]],
    ["services/api/lazy.ts", ["api"]],
    ["services/api/words.json", ["api"]],
    ["services/api/migrations/1.sql", ["api"]],
    ["services/api/migrations/more/2.sql", ["api"]],
    ["services/api/migrations/3.sql", ["api"]],
    ["lib/helper.ts", ["api"]],
    ["lib/deep/helper.ts", ["api"]],
    ["packages/kit/src/index.ts", ["api"]],
    ["package-lock.json", ["api"]],
    ["services/worker/main.ts", ["worker"]],
    ["services/tool/tool.py", ["tool"]],
    ["services/tool/sub/more.py", ["tool"]],
    ["services/tool/run.log", []],
    ["services/tool/__pycache__/x.pyc", []],
    ["services/api/README.md", []],
    ["packages/kit/src/unused.ts", []],
    ["stack.ts", []],
  ])("a change of %s changes %j", (file, expected) => {
    const root = makeProject();
    const before = hashesOf(root);
    writeFiles(root, { [file]: `${(files as Record<string, string>)[file] ?? ""}\n// changed` });
    const after = hashesOf(root);
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(expected);
  });

  test("sees a file that appears, goes, or is renamed", () => {
    const root = makeProject();
    const before = hashesOf(root)["api"];
    rmSync(join(root, "services/api/words.json"));
    const without = hashesOf(root)["api"];
    expect(without).not.toBe(before);
    writeFiles(root, { "services/api/words.json": "{}" });
    expect(hashesOf(root)["api"]).toBe(before);
    rmSync(join(root, "services/api/migrations/1.sql"));
    writeFiles(root, { "services/api/migrations/01.sql": "SELECT 1" });
    expect(hashesOf(root)["api"]).not.toBe(before);
  });

  test("sees a change that leaves size and content's length as they were", () => {
    const root = makeProject();
    const before = hashesOf(root)["worker"];
    const path = join(root, "services/worker/main.ts");
    writeFileSync(path, `import "node:os";`);
    utimesSync(path, new Date(), new Date(Date.now() + 1_000));
    expect(hashesOf(root)["worker"]).not.toBe(before);
  });

  test("hashes a whole workspace package whose entry require() cannot see", () => {
    const root = makeProject();
    writeFiles(root, {
      "packages/kit/package.json": `{ "name": "@demo/kit", "type": "module", "exports": { ".": { "import": "./src/index.ts" } } }`,
    });
    const before = hashesOf(root)["api"];
    writeFiles(root, { "packages/kit/src/unused.ts": "// changed" });
    expect(hashesOf(root)["api"]).not.toBe(before);
  });

  test("does not take the module's own folder for an asset", () => {
    const root = makeProject();
    writeFiles(root, {
      "services/worker/main.ts": `new URL(".", import.meta.url); new URL("../..", import.meta.url);`,
    });
    const before = hashesOf(root)["worker"];
    writeFiles(root, { "services/worker/notes.txt": "changed", "services/api/main.ts": "changed" });
    expect(hashesOf(root)["worker"]).toBe(before);
  });

  test("does without a lockfile", () => {
    const root = makeProject();
    const before = hashesOf(root);
    rmSync(join(root, "package-lock.json"));
    const after = hashesOf(root);
    expect(after["api"]).not.toBe(before["api"]);
    expect(after["worker"]).toBe(before["worker"]);
  });
});
