import { defineProgram, defineStack, profile, resolveStack, service, Type } from "@caisson/core";
import { describe, expect, test } from "vitest";
import { moduleFilePath, relativeModules } from "./relative-modules.ts";

const meta = { url: "file:///srv/my%20project/stacks/a/services/api/contract.ts" };
const api = defineProgram(meta, "api", { main: "./main #1.ts", config: Type.Object({}) });
const tool = defineProgram(meta, "tool", { command: ["tool"], config: Type.Object({}) });
const resolved = resolveStack(
  defineStack("demo", [service(api, { config: {} }), profile("extra", [service(tool, { config: {} })])]),
  { profiles: ["extra"] },
);

describe("relativeModules", () => {
  test("makes every module file relative to the root, wherever it is in the stack", () => {
    const result = relativeModules(resolved, "/srv/my project");
    expect(JSON.stringify(result)).not.toContain("file:///");
    expect(result.resources[0]?.program?.runtime).toEqual({
      kind: "node",
      main: { kind: "module-file", base: "", path: "stacks/a/services/api/main #1.ts" },
    });
    expect(result.resources[0]?.sources).toEqual([
      { kind: "module-file", base: "", path: "stacks/a/services/api/main #1.ts" },
    ]);
    expect(result.resources[1]?.program?.runtime).toMatchObject({ cwd: { base: "", path: "stacks/a/services/api" } });
  });

  test("leaves a module outside the root relative to it", () => {
    const result = relativeModules(resolved, "/srv/my project/stacks/b");
    expect(result.resources[0]?.sources[0]?.path).toBe("../a/services/api/main #1.ts");
  });

  test("changes nothing the second time, and nothing else the first", () => {
    const once = relativeModules(resolved, "/srv/my project");
    expect(relativeModules(once, "/elsewhere")).toBe(once);
    expect(once.edges).toBe(resolved.edges);
    const blank = (stack: unknown): string => JSON.stringify(stack).replaceAll(/"(base|path)":"[^"]*"/g, '"$1":""');
    expect(blank(once)).toBe(blank(resolved));
  });

  test("returns frozen data", () => {
    const unfrozen: unknown[] = [];
    const look = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      if (!Object.isFrozen(value)) unfrozen.push(value);
      Object.values(value).forEach(look);
    };
    look(relativeModules(resolved, "/srv/my project"));
    expect(unfrozen).toEqual([]);
  });
});

describe("moduleFilePath", () => {
  test("is the same before and after", () => {
    const [before] = resolved.resources[0]?.sources ?? [];
    const [after] = relativeModules(resolved, "/srv/my project").resources[0]?.sources ?? [];
    if (!before || !after) throw new Error("expected a source");
    expect(moduleFilePath(before, "/srv/my project")).toBe("/srv/my project/stacks/a/services/api/main #1.ts");
    expect(moduleFilePath(after, "/srv/my project")).toBe(moduleFilePath(before, "/srv/my project"));
  });

  test("refuses a module that is no file", () => {
    expect(() => moduleFilePath({ kind: "module-file", base: "data:text/javascript,1", path: "./x" }, "/")).toThrow(
      "expected the module of ./x to be a file, got data:text/javascript,1",
    );
  });
});
