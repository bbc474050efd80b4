import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checksDocument } from "../scripts/checks-document.ts";
import { componentsDocument } from "../scripts/components-document.ts";
import { repo } from "./testing/repo.ts";

// npm's own fields.
const { scripts } = JSON.parse(readFileSync(join(repo, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

describe.each([
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs/decisions/README.md",
  "docs/defects.md",
  "docs/checks.md",
])("%s", (name) => {
  const text = (): string => readFileSync(join(repo, name), "utf8");

  test("names files and folders that exist", () => {
    const paths = [...text().matchAll(/`((?:packages|stacks|docs|test|examples|bench|scripts)\/[\w./-]+)`/g)];
    const missing = paths.map(([, path]) => path ?? "").filter((path) => !existsSync(join(repo, path)));
    expect(missing).toEqual([]);
  });

  test("names npm scripts that exist", () => {
    const named = [...text().matchAll(/\bnpm run ([\w:]+)/g)].map(([, script]) => script ?? "");
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

test("docs/components.md is what the catalogue says (npm run docs:components)", () => {
  expect(readFileSync(join(repo, "docs/components.md"), "utf8")).toBe(componentsDocument());
});

test("docs/checks.md is what the tests do (npm run docs:checks)", () => {
  expect(readFileSync(join(repo, "docs/checks.md"), "utf8")).toBe(checksDocument());
});

test("the licence of every package is the repository's", () => {
  expect(readFileSync(join(repo, "LICENSE"), "utf8")).toContain("Version 2.0, January 2004");
  const licences = ["core", "kit", "runtime", "cli"].map((name) => {
    const manifest = JSON.parse(readFileSync(join(repo, "packages", name, "package.json"), "utf8")) as {
      license: string;
    };
    return manifest.license;
  });
  expect(new Set(licences)).toEqual(new Set(["Apache-2.0"]));
});
