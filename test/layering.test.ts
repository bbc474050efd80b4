import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { repo } from "./testing/repo.ts";
import { importsOf, isForTests, sourcesOf } from "./testing/sources.ts";

/** Dependencies point one way: core <- runtime <- cli, and core <- kit. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  kit: ["core"],
  runtime: ["core"],
  cli: ["core", "runtime"],
};

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

// A manifest of ours has the fields npm demands.
const manifest = (name: string): Manifest =>
  JSON.parse(readFileSync(join(repo, "packages", name, "package.json"), "utf8")) as Manifest;

const productSources = (name: string): string[] => sourcesOf(`packages/${name}`).filter((path) => !isForTests(path));

/** What is reached from these by relative imports, each with what it imports. */
function closureOf(doors: readonly string[]): Map<string, string[]> {
  const closure = new Map<string, string[]>();
  const queue = [...doors];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (closure.has(path)) continue;
    const imports = importsOf(path);
    closure.set(path, imports);
    queue.push(...imports.filter((each) => each.startsWith(".")).map((each) => join(dirname(path), each)));
  }
  return closure;
}

describe.each(Object.entries(mayImport))("package %s", (name, below) => {
  test("imports other packages of ours by their names, and only those below it", () => {
    const wrong = productSources(name).flatMap((path) =>
      importsOf(path)
        .filter((specifier) => {
          if (specifier.startsWith(".")) return !join(dirname(path), specifier).startsWith(`packages/${name}/`);
          const [, other] = /^@caisson\/([^/]+)/.exec(specifier) ?? [];
          return other !== undefined && !below.includes(other);
        })
        .map((specifier) => `${path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test("declares every package it imports", () => {
    const { dependencies, optionalDependencies, peerDependencies } = manifest(name);
    const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    const wrong = productSources(name).flatMap((path) =>
      importsOf(path)
        .filter((specifier) => !specifier.startsWith(".") && !isBuiltin(specifier))
        .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
        .filter((each) => !declared.includes(each))
        .map((each) => `${path} imports ${each}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("core", () => {
  test("reaches no module of Node from any of its doors", () => {
    const doors = Object.values(manifest("core").exports).map((door) => join("packages/core", door));
    const closure = closureOf(doors);
    // That the walk saw the package is part of what is shown.
    expect(closure.size).toBeGreaterThan(30);
    const wrong = [...closure].flatMap(([path, imports]) =>
      imports.filter((each) => isBuiltin(each)).map((each) => `${path} imports ${each}`),
    );
    expect(wrong).toEqual([]);
  });

  test("depends on the schema library and the YAML library, and nothing else", () => {
    expect(Object.keys(manifest("core").dependencies ?? {}).toSorted()).toEqual(["typebox", "yaml"]);
  });
});

test("what a pod's container runs has nothing of the agent in it", () => {
  const reached = [...closureOf(["packages/runtime/src/pod/main.ts"]).keys()];
  expect(reached).toContain("packages/runtime/src/engine/engine.ts");
  expect(reached.filter((path) => path.includes("/agent/"))).toEqual([]);
});

describe("stacks", () => {
  test("import core and the kit only, never the tool that runs them", () => {
    const wrong = sourcesOf("stacks")
      .filter((path) => !isForTests(path))
      .flatMap((path) =>
        importsOf(path)
          .filter((each) => /^@caisson\/(?:runtime|cli)(?:\/|$)/.test(each) || each.includes("packages/"))
          .map((each) => `${path} imports ${each}`),
      );
    expect(wrong).toEqual([]);
  });

  test("define themselves without a module of Node, so that a plan depends on nothing but the file and its parameters", () => {
    const wrong = [...sourcesOf("stacks"), ...sourcesOf("examples")]
      .filter((path) => /\/(?:stack|contract)\.ts$/.test(path))
      .flatMap((path) =>
        importsOf(path)
          .filter((each) => isBuiltin(each))
          .map((each) => `${path} imports ${each}`),
      );
    expect(wrong).toEqual([]);
  });
});
