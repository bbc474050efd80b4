import type { Artifact } from "@caisson/core";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CommandError } from "../errors/command-error.ts";
import { sameTree } from "./same-tree.ts";

/** The files of a bundle, and what writes the folder that its image is built from, where it has one. */
export interface BundleFiles {
  readonly artifacts: readonly Artifact[];
  readonly writeBuild?: ((folder: string) => void) | undefined;
}

/** The list of what a render made, so that the next one removes what is no longer made and touches nothing else. */
const listName = ".caisson-files.json";

/** A folder as a whole; the other entries of the list are files. */
const buildName = "build/";

/** Writes a bundle into a folder that may hold one already. */
export function writeBundle(folder: string, bundle: BundleFiles): void {
  const { artifacts, writeBuild } = bundle;
  const before = filesBefore(folder);
  const build = join(folder, buildName);
  if (writeBuild && existsSync(build) && !before.includes(buildName))
    throw new CommandError("E_FILE", `expected ${build} to be made by an earlier render, but it is somebody else's`, {
      hint: "Move it away, or render into another folder with --out.",
    });
  const now = new Set(artifacts.map(({ path }) => path));
  for (const path of before)
    if (!now.has(path)) rmSync(join(folder, path), { force: true, recursive: path === buildName });
  for (const { path, text, run } of artifacts) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    // Users of containers read them as they are, whatever the umask would take away.
    chmodSync(file, run === true ? 0o755 : 0o644);
  }
  writeBuild?.(build);
  writeFileSync(join(folder, listName), `${JSON.stringify(pathsOf(bundle), null, 2)}\n`);
}

/** What differs between a folder and a bundle, by path. A build folder that is not there, as in a fresh clone, is not asked for. */
export function outdated(folder: string, bundle: BundleFiles): string[] {
  const { artifacts, writeBuild } = bundle;
  const now = new Set(pathsOf(bundle));
  const stale = artifacts.filter(({ path, text }) => textOf(join(folder, path)) !== text).map(({ path }) => path);
  const gone = filesBefore(folder).filter((path) => !now.has(path) && existsSync(join(folder, path)));
  const build = writeBuild && existsSync(join(folder, buildName)) && !isWritten(join(folder, buildName), writeBuild);
  return [...stale, ...gone, ...(build ? [buildName] : [])].sort();
}

function isWritten(folder: string, write: (folder: string) => void): boolean {
  const scratch = mkdtempSync(join(tmpdir(), "caisson-check-"));
  try {
    write(scratch);
    return sameTree(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function pathsOf({ artifacts, writeBuild }: BundleFiles): string[] {
  return [...artifacts.map(({ path }) => path), ...(writeBuild ? [buildName] : [])].sort();
}

function filesBefore(folder: string): readonly string[] {
  const text = textOf(join(folder, listName));
  if (text === undefined) return [];
  const list = listOf(text, join(folder, listName));
  // Ours, but a person may have edited it: only paths that stay inside are believed.
  return Array.isArray(list)
    ? list.filter((path): path is string => typeof path === "string" && !path.startsWith("/") && !path.includes(".."))
    : [];
}

function listOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandError("E_FILE", `expected ${file} to be JSON as a render wrote it, but it is not`, {
      hint: "Restore it (a merge may have left its marks there), or remove it: files of earlier renders then stay.",
      cause,
    });
  }
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
