import { defineProgram, defineStack, gatherPods, pod, resolveStack, service, Type } from "@caisson/core";
import { expect, test } from "vitest";
import { createRoster } from "./roster.ts";

const program = (name: string) =>
  service(defineProgram({ url: "file:///app/contract.ts" }, name, { config: Type.Object({}) }), { config: {} });
const stack = resolveStack(
  defineStack("demo", [pod("core", [program("users"), program("gateway")], { replicas: 2 }), program("outside")]),
);
const { resources } = gatherPods(stack);
const roster = createRoster({
  records: {
    names: () => resources.map(({ name }) => name),
    latest: (name: string) => ({ resource: resources.find((each) => each.name === name) }),
    status: (name: string) => ({ replicas: name === "core" ? 2 : 1 }),
  },
  folders: { log: (name: string, replica: number) => `${name}.${replica}` },
} as unknown as Parameters<typeof createRoster>[0]); // only what is asked of it

const sources = (...names: string[]): string[] =>
  roster.logSources(names).map(({ file, member }) => `${file}${member === undefined ? "" : ` of ${member}`}`);

test("a member's log is in that of each replica of its pod", () => {
  expect(sources("users")).toEqual(["core.0 of users", "core.1 of users"]);
  expect(sources("users", "outside")).toEqual(["core.0 of users", "core.1 of users", "outside.0"]);
  expect(sources()).toEqual(["core.0", "core.1", "outside.0"]);
});

test("a pod's whole log is not repeated for its members", () => {
  expect(sources("users", "core", "gateway")).toEqual(["core.0", "core.1"]);
});
