import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { repo } from "./repo.ts";

/** The sources below a folder of the repository, as paths relative to it. */
export function sourcesOf(folder: string): string[] {
  const start = join(repo, folder);
  if (!statSync(start, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => relative(repo, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split("/").includes("node_modules"))
    .toSorted();
}

/** Whether a file is there for tests only. */
export function isForTests(path: string): boolean {
  return /\.test\.ts$|\.test-d\.ts$|(^|\/)(testing|fixtures)\/|\/conformance\.ts$/.test(path);
}

/** Everything a file imports or re-exports, types included. */
export function importsOf(path: string): string[] {
  const text = readFileSync(join(repo, path), "utf8").replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const pattern = /(?:^|[\s;}])(?:(?:import|export)\s[^"';]*?from\s*|import\s*\(?\s*)["']([^"'\n]+)["']/g;
  return [...text.matchAll(pattern)].flatMap(([, specifier]) => (specifier === undefined ? [] : [specifier]));
}
