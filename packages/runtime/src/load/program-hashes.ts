import type { Resource, ResolvedStack } from "@caisson/core";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownProgram } from "../host/own-program.ts";
import { importGraph, type GraphNode } from "./import-graph.ts";
import { moduleFilePath } from "./relative-modules.ts";
import { sourceFile } from "./source-file.ts";

const lockfiles = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

/** `seen`: every path that was looked at; while none of them changes, the hashes are the same. */
export interface ProgramHashes {
  readonly hashes: Readonly<Record<string, string>>;
  readonly seen: readonly string[];
}

/**
 * A hash (16 hex digits) of the sources of each resource's program, and of each pod's supervisor, by name: equal on every machine that has
 * the same files below `root`. A Node program's sources are its import graph and the files it names beside itself (see
 * {@link importGraph}); installed packages count by the lockfile. A command's sources are the files in its folder.
 */
export function programHashes(resolved: ResolvedStack, root: string): ProgramHashes {
  const graph = importGraph();
  const hashes = new Map<string, string>();
  const hashOf = ({ paths, base, lockfile }: EntryPoints): string => {
    const key = paths.join("\0");
    const hash = hashes.get(key) ?? hashNodes(graph.walk(paths, base), lockfile);
    hashes.set(key, hash);
    return hash;
  };
  const entries = resolved.resources.flatMap((resource): (readonly [string, string])[] => {
    const { name, program, pod } = resource;
    return [
      ...(program ? [[name, hashOf(entryPoints(resource, root))] as const] : []),
      ...(pod ? [[pod.name, hashOf(ownEntry("pod"))] as const] : []),
    ];
  });
  return { hashes: Object.fromEntries(entries), seen: [...graph.seen(), ...lockfiles.map((name) => join(root, name))] };
}

interface EntryPoints {
  readonly paths: readonly string[];
  /** Files are named relative to it. */
  readonly base: string;
  /** Where the versions of installed packages are found. */
  readonly lockfile: () => string;
}

function entryPoints({ program, sources }: Resource, root: string): EntryPoints {
  if (program?.runtime.kind !== "builtin")
    return { paths: sources.map((each) => moduleFilePath(each, root)), base: root, lockfile: () => lockHash(root) };
  return ownEntry(program.runtime.name);
}

/** Ours: named from our own package, wherever that is installed, with the versions its package.json pins. */
function ownEntry(name: "provision" | "pod"): EntryPoints {
  const manifest = fileURLToPath(new URL("../../package.json", import.meta.url));
  return { paths: [ownProgram(name), manifest], base: dirname(manifest), lockfile: () => "" };
}

function hashNodes(nodes: readonly GraphNode[], lockfile: () => string): string {
  const hash = createHash("sha256");
  for (const { name, hash: content } of nodes) hash.update(`${name}\n${content}\n`);
  if (nodes.some(({ installed }) => installed)) hash.update(lockfile());
  return hash.digest("hex").slice(0, 16);
}

function lockHash(root: string): string {
  for (const name of lockfiles) {
    const file = sourceFile(join(root, name));
    if (file) return file.hash;
  }
  return "no lockfile";
}
