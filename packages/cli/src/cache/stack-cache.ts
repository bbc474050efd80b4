import type { ResolvedStack } from "@caisson/core";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { stillSo, type Fingerprint } from "./fingerprint.ts";

/** What is kept of a stack file. It holds no secret: a stack has none. */
export interface CachedStack {
  /** Whether it holds as long as none of `files` changes; else it tells only what was, for when the file is broken. */
  readonly lasting: boolean;
  readonly files: readonly Fingerprint[];
  /** What its root was found by; see {@link projectMarks}. */
  readonly marks: string;
  readonly root: string;
  readonly name: string;
  readonly environments: readonly string[];
  /** Names of the variables that set its parameters. */
  readonly variables: readonly string[];
  /** Worked out stacks by what they were worked out from, the oldest first. */
  readonly stacks: Readonly<Record<string, ResolvedStack>>;
}

/** Worked out stacks kept of one file, and the most bytes that are worth reading back. */
const keep = 4;
const mostBytes = 8 * 1024 ** 2;

/** `stamp`: tells this caisson from any other; a cache of another one is not read. */
export interface CachePlace {
  readonly path: string;
  readonly stamp: string;
}

/** Where a stack file's cache is; the user's own folder for such, so that no one else writes it. */
export function cachePath(file: string, env: Readonly<Record<string, string | undefined>>): string {
  const given = env["XDG_CACHE_HOME"];
  const folder = given !== undefined && isAbsolute(given) ? given : join(env["HOME"] ?? homedir(), ".cache");
  const name = createHash("sha256").update(file).digest("hex").slice(0, 24);
  return join(folder, "caisson", `${name}.json`);
}

/** Which of the files that mark a project's root are in the folders above a stack file. */
export function projectMarks(file: string): string {
  const folder = dirname(file);
  const here = ["package-lock.json", ".git", "package.json"]
    .map((name) => Number(existsSync(join(folder, name))))
    .join("");
  return folder === dirname(folder) ? here : `${here} ${projectMarks(folder)}`;
}

/** What was known of a stack file the last time; it may have changed since. `stamp`: who wrote it. */
export function lastKnown(path: string): (CachedStack & { readonly stamp: string }) | undefined {
  return readCacheFile(path);
}

/** What is known of a stack file; `fresh`: it holds still. `undefined`: nothing is known. */
export function readCache({ path, stamp }: CachePlace, file: string): (CachedStack & { fresh: boolean }) | undefined {
  const found = lastKnown(path);
  if (found === undefined) return undefined;
  const { lasting, marks, files } = found;
  try {
    return { ...found, fresh: lasting && found.stamp === stamp && marks === projectMarks(file) && stillSo(files) };
  } catch {
    return undefined; // JSON of something else
  }
}

/** Keeps what is known. */
export function writeCache({ path, stamp }: CachePlace, cached: CachedStack): void {
  const stacks = Object.fromEntries(Object.entries(cached.stacks).slice(-keep));
  writeCacheFile(path, JSON.stringify({ ...cached, stacks, stamp }));
}

/** The caller says what it wrote there. `undefined`: there is none, or it is damaged, and is made anew. */
export function readCacheFile<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written, or is not worth reading back, is done without. */
export function writeCacheFile(path: string, text: string): void {
  if (text.length > mostBytes) return;
  const fresh = `${path}.${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (!existsSync(path)) prune(dirname(path));
    writeFileSync(fresh, text, { mode: 0o600 });
    renameSync(fresh, path);
  } catch {
    discard(fresh);
  }
}

/** Forgets stacks that nobody asked for in a month; done when another is added, so that there are never many. */
function prune(folder: string): void {
  const before = Date.now() - 30 * 86_400_000;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? before) < before) discard(path);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is not there, or its folder is none of ours.
  }
}
