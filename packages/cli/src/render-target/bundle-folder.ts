import type { Artifact } from "@caisson/core";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The list of what a render made, so that the next one removes what is no longer made and touches nothing else. */
const listName = ".caisson-files.json";

/** Writes a bundle into a folder that may hold one already. */
export function writeBundle(folder: string, artifacts: readonly Artifact[]): void {
  const now = new Set(artifacts.map(({ path }) => path));
  for (const path of filesBefore(folder)) if (!now.has(path)) rmSync(join(folder, path), { force: true });
  for (const { path, text, run } of artifacts) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: run === true ? 0o755 : 0o644 });
  }
  writeFileSync(join(folder, listName), listText(artifacts));
}

/** What differs between a folder and a bundle, by path. */
export function outdated(folder: string, artifacts: readonly Artifact[]): string[] {
  const now = new Set(artifacts.map(({ path }) => path));
  const stale = artifacts.filter(({ path, text }) => textOf(join(folder, path)) !== text).map(({ path }) => path);
  return [...stale, ...filesBefore(folder).filter((path) => !now.has(path) && existsSync(join(folder, path)))].sort();
}

function listText(artifacts: readonly Artifact[]): string {
  return `${JSON.stringify(artifacts.map(({ path }) => path).sort(), null, 2)}\n`;
}

function filesBefore(folder: string): readonly string[] {
  const text = textOf(join(folder, listName));
  if (text === undefined) return [];
  const list: unknown = JSON.parse(text);
  // Ours, but a person may have edited it: only paths that stay inside are believed.
  return Array.isArray(list)
    ? list.filter((path): path is string => typeof path === "string" && !path.startsWith("/") && !path.includes(".."))
    : [];
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
