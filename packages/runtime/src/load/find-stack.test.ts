import { isCaissonError } from "@caisson/core";
import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findStack } from "./find-stack.ts";
import { tempFolder, writeFiles } from "./testing/project.ts";

function project(): string {
  const root = tempFolder();
  writeFiles(root, {
    "package-lock.json": "{}",
    "stacks/usage-tracking/stack.ts": "",
    "stacks/usage-tracking/services/api/main.ts": "",
    "stacks/bi-agent/stack.ts": "",
    "stacks/notes/README.md": "",
    "other/my-stack.ts": "",
  });
  return root;
}

function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isCaissonError(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error("expected a failure");
}

describe("findStack", () => {
  test("takes a file, relative to the current folder", () => {
    const root = project();
    expect(findStack(join(root, "stacks"), "../other/my-stack.ts")).toBe(join(root, "other/my-stack.ts"));
    expect(findStack(join(root, "other"), "my-stack.ts")).toBe(join(root, "other/my-stack.ts"));
  });

  test("takes a folder that has a stack.ts", () => {
    const root = project();
    expect(findStack(root, "stacks/bi-agent")).toBe(join(root, "stacks/bi-agent/stack.ts"));
    expect(findStack(join(root, "stacks/bi-agent"), ".")).toBe(join(root, "stacks/bi-agent/stack.ts"));
    expect(failure(() => findStack(root, "stacks/notes"))).toBe(
      `E_STACK_LOAD expected a stack file, got the folder ${root}/stacks/notes, which has no stack.ts`,
    );
  });

  test("takes the bare name of a stack from anywhere in the project", () => {
    const root = project();
    const inside = join(root, "stacks/usage-tracking/services/api");
    expect(findStack(inside, "bi-agent")).toBe(join(root, "stacks/bi-agent/stack.ts"));
  });

  test("names the nearest stack and all others for a name that is none", () => {
    const root = project();
    expect(failure(() => findStack(root, "usage-trakcing"))).toBe(
      `E_STACK_LOAD there is no stack "usage-trakcing": looked for ${root}/stacks/usage-trakcing/stack.ts; ` +
        "did you mean usage-tracking? (stacks: bi-agent, usage-tracking)",
    );
    const empty = tempFolder();
    expect(failure(() => findStack(empty, "anything"))).toContain("(no stack is under stacks/)");
  });

  test("names the nearest file for a path that does not exist", () => {
    const root = project();
    expect(failure(() => findStack(root, "other/mystack.ts"))).toBe(
      `E_STACK_LOAD expected a stack file, but ${root}/other/mystack.ts does not exist; did you mean my-stack.ts?`,
    );
    expect(failure(() => findStack(root, "nowhere/at/all.ts"))).toContain(`${root}/nowhere/at/all.ts does not exist`);
  });

  test("without an argument takes the stack.ts here or in a parent", () => {
    const root = project();
    const inside = join(root, "stacks/usage-tracking/services/api");
    expect(findStack(inside)).toBe(join(root, "stacks/usage-tracking/stack.ts"));
  });

  test("does not look above the project", () => {
    const root = tempFolder();
    writeFiles(root, { "stack.ts": "", "inner/package.json": "{}", "inner/deep/x": "" });
    expect(failure(() => findStack(join(root, "inner/deep")))).toContain(
      `looked for stack.ts in ${root}/inner/deep or a parent up to ${root}/inner`,
    );
  });

  test("outside a project takes a parent's stack.ts", () => {
    const root = tempFolder();
    writeFiles(root, { "stack.ts": "", "a/b/x": "" });
    expect(findStack(join(root, "a/b"))).toBe(join(root, "stack.ts"));
  });

  test.runIf(process.getuid?.() === 0)("does not take another user's stack.ts from a parent", () => {
    const root = tempFolder();
    writeFiles(root, { "stack.ts": "", "a/x": "" });
    chownSync(join(root, "stack.ts"), 65534, 65534);
    expect(failure(() => findStack(join(root, "a")))).toContain("no stack found");
  });

  test("without an argument takes the only stack under stacks/, and asks when there are several", () => {
    const root = tempFolder();
    writeFiles(root, { "package.json": "{}", "stacks/one/stack.ts": "" });
    mkdirSync(join(root, "docs"));
    expect(findStack(join(root, "docs"))).toBe(join(root, "stacks/one/stack.ts"));
    writeFiles(root, { "stacks/two/stack.ts": "" });
    expect(failure(() => findStack(root))).toBe(`E_STACK_LOAD ${root} has several stacks: one, two`);
  });
});
