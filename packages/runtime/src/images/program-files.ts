import { existsSync, readFileSync, realpathSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { importGraph } from "../load/import-graph.ts";

/** What programs need at run time, by paths relative to one root: files, whole packages, links to packages of the project. */
export interface ProgramFiles {
  readonly files: readonly string[];
  /** Folders of installed packages. */
  readonly packages: readonly string[];
  /** Links by their paths, to folders of the project. */
  readonly links: ReadonlyMap<string, string>;
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Everything some modules lead to, below `root`: their import graph, the manifests of the packages it is in, and what is
 * installed of all they depend on. What only builds or tests need is not reached, so it is not there.
 */
export function programFiles(mains: readonly string[], root: string): ProgramFiles {
  const nodes = importGraph().walk(mains, root);
  const files = new Set(nodes.filter(({ installed }) => !installed).map(({ name }) => name));
  const links = new Map<string, string>();
  const homes = new Set<string>([root]);
  for (const { name, installed } of nodes) {
    if (installed) continue;
    const home = packageOf(join(root, name), root);
    if (home === undefined || homes.has(home)) continue;
    homes.add(home);
    files.add(slashes(relative(root, join(home, "package.json"))));
    const { name: own } = manifestOf(home);
    if (own !== undefined) links.set(`node_modules/${own}`, slashes(relative(root, home)));
  }
  if (existsSync(join(root, "package.json"))) files.add("package.json");
  const packages = new Set<string>();
  const specifiers = nodes.filter(({ installed }) => installed).map(({ name }) => name);
  for (const specifier of specifiers)
    for (const home of homes) addPackage(packageName(specifier), home, root, packages);
  return { files: [...files].sort(), packages: [...packages].sort(), links };
}

/** A package and all it depends on, as they are installed; one inside another's folder comes with that. */
function addPackage(name: string, from: string, root: string, found: Set<string>): void {
  const manifest = findManifest(name, from);
  if (manifest === undefined) return; // not installed for this one: optional, or of another platform
  const folder = dirname(manifest);
  const path = slashes(relative(root, folder));
  if (path.startsWith("..") || !path.split("/").includes("node_modules") || found.has(path)) return;
  found.add(path);
  const { dependencies, optionalDependencies, peerDependencies } = manifestOf(folder);
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
    addPackage(each, folder, root, found);
}

function findManifest(name: string, from: string): string | undefined {
  try {
    const found = findPackageJSON(name, pathToFileURL(join(from, "package.json")));
    return found === undefined ? undefined : realpathSync(found);
  } catch {
    return undefined; // not installed
  }
}

/** The nearest folder with a manifest, below the root. */
function packageOf(file: string, root: string): string | undefined {
  for (let folder = dirname(file); folder.startsWith(`${root}${sep}`); folder = dirname(folder))
    if (existsSync(join(folder, "package.json"))) return folder;
  return undefined;
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function manifestOf(folder: string): Manifest {
  // npm has read it before us.
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function slashes(path: string): string {
  return path.split(sep).join("/");
}
