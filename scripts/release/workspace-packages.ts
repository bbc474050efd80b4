import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The fields of a package.json that a release reads or changes; all others are kept as they are. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A package of this workspace that is published. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The packages under `packages/` that are published: all that are not private. */
export function workspacePackages(repo: string): WorkspacePackage[] {
  return readdirSync(join(repo, "packages"))
    .toSorted()
    .map((name) => join(repo, "packages", name))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** The package.json in a folder. */
export function readManifest(folder: string): Manifest {
  // npm's own form; npm checked it when it installed the workspace.
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
