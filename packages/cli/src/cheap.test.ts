import { readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";

const source = import.meta.dirname;
const entries = [
  "main.ts",
  "errors/report.ts",
  "help/verb-help.ts",
  ...readdirSync(`${source}/verbs`).map((name) => `verbs/${name}`),
];

// What these load is loaded by every command, by help and by completion, which shells run when they start.
test.each(entries)("%s loads nothing heavy before it is run", (entry) => {
  expect(packagesOf(resolve(source, entry), new Set())).toEqual([]);
});

/** Packages that a module and its own modules import before anything runs; types and `import()` do not count. */
function packagesOf(file: string, seen: Set<string>): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*? from "([^"]+)";$/gms);
  return [...imports].flatMap(([, specifier = ""]) => {
    if (specifier.startsWith("node:")) return [];
    return specifier.startsWith(".")
      ? packagesOf(resolve(dirname(file), specifier), seen)
      : [`${specifier} in ${file}`];
  });
}
