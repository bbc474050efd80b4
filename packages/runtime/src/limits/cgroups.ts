import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { cgroupName, listGroups, moveInto, tryRemove, writeControl } from "./cgroup-folder.ts";
import { controlsFor } from "./controls.ts";
import type { Control } from "./controls.ts";
import { readHierarchies } from "./hierarchies.ts";
import type { Hierarchy } from "./hierarchies.ts";
import type { LimitName, ResourceLimits } from "./limit-handle.ts";

/** One limit, and the cgroup folder that enforces it. */
export interface PlacedLimit {
  readonly limit: LimitName;
  readonly version: 1 | 2;
  readonly folder: string;
}

/** What came of asking for cgroups. */
export interface Placement {
  readonly placed: readonly PlacedLimit[];
  readonly missing: readonly { readonly limit: LimitName; readonly reason: string }[];
}

/**
 * Puts a process under limits, in cgroups named after the marker. What can be had is found by trying; what cannot is told
 * with the reason. A group of that name which it is in already is taken over, with the limits set anew.
 */
export function placeInCgroups(marker: string, pid: number, limits: ResourceLimits): Placement {
  const trees = readHierarchies("self");
  const current = readHierarchies(pid);
  const placed: PlacedLimit[] = [];
  const missing: { limit: LimitName; reason: string }[] = [];
  for (const [at, ofVersion1] of controlsFor(1, limits).entries()) {
    const tree1 = trees.find((tree) => tree.controllers.includes(ofVersion1.controller));
    const tree = tree1 ?? trees.find((candidate) => candidate.version === 2);
    const control = tree1 === undefined ? controlsFor(2, limits)[at] : ofVersion1;
    if (tree === undefined || control === undefined) {
      missing.push({ limit: ofVersion1.limit, reason: "this host has no cgroups" });
      continue;
    }
    try {
      const known = current.find((other) => other.mount === tree.mount)?.folder;
      placed.push({ limit: control.limit, version: tree.version, folder: enter(tree, known, marker, pid, control) });
    } catch (error) {
      missing.push({ limit: control.limit, reason: `no cgroup can be had: ${String(error)}` });
    }
  }
  return { placed, missing };
}

/** Removes the empty cgroups of runs whose marker starts with `prefix`, left by an agent that was killed; returns their folders. */
export function sweepCgroups(prefix: string): string[] {
  const parents = new Set(readHierarchies("self").flatMap(parentsIn));
  const groups = [...parents].flatMap((parent) => listGroups(parent, prefix));
  return groups.filter(tryRemove);
}

function enter(tree: Hierarchy, known: string | undefined, marker: string, pid: number, control: Control): string {
  const name = cgroupName(marker);
  if (known !== undefined && basename(known) === name) {
    writeControl(known, control);
    return known;
  }
  const failures: unknown[] = [];
  for (const parent of parentsIn(tree)) {
    const folder = join(parent, name);
    try {
      if (tree.version === 2) enable(parent, control.controller);
      mkdirSync(folder, { recursive: true });
      writeControl(folder, control);
      moveInto(folder, [pid]);
      return folder;
    } catch (error) {
      failures.push(error);
      tryRemove(folder);
    }
  }
  throw failures[0];
}

/**
 * Where a run's group may go: below our own group, so that limits set on us hold for our runs too. In version 2 a group
 * that has processes cannot hand controllers on, hence also beside our own.
 */
function parentsIn(tree: Hierarchy): string[] {
  const beside = dirname(tree.folder);
  return tree.version === 2 && tree.folder !== tree.mount && beside.startsWith(tree.mount)
    ? [tree.folder, beside]
    : [tree.folder];
}

/** Lets the groups below `parent` use a controller. */
function enable(parent: string, controller: string): void {
  const file = join(parent, "cgroup.subtree_control");
  if (readFileSync(file, "utf8").trim().split(" ").includes(controller)) return;
  writeFileSync(file, `+${controller}`, { flag: "r+" });
}
