import { statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { folderFiles } from "./folder-files.ts";
import { resolveImport, type ResolvedImport } from "./resolve-import.ts";
import { sourceFile, type SourceFile } from "./source-file.ts";

/** A file of a program: its name relative to the base, with `/`, and a hash of its content. */
export interface GraphNode {
  readonly name: string;
  readonly hash: string;
  /** An installed package: known by its name only. */
  readonly installed: boolean;
}

/** What a file leads to: files, and the names of installed packages. */
interface Links {
  readonly paths: readonly string[];
  readonly packages: readonly string[];
}

/** A walker over sources; see {@link importGraph}. */
export interface ImportGraph {
  /** Everything that `paths` lead to, sorted by name. */
  walk(paths: readonly string[], base: string): GraphNode[];
  /** Every path that was looked at, also where nothing was: while none of them changes, neither does what was found. */
  seen(): readonly string[];
}

/**
 * Walks from files or folders over everything they lead to: relative imports, imports of workspace packages, and files or
 * folders named beside the module (see scanModule). A folder that contains the module itself only locates it and is not
 * followed. One walker reads each file once; make a new one to see changes.
 */
export function importGraph(): ImportGraph {
  const folders = new Set<string>();
  const files = memo(sourceFile);
  const expand = (path: string): string[] =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() ? folderFiles(path, (each) => folders.add(each)) : [path];
  const links = memo((path: string): Links => linksOf(path, files.of(path), expand));
  return {
    walk(paths, base) {
      const nodes = new Map<string, GraphNode>();
      const known = new Set<string>();
      const queue = paths.flatMap(expand);
      for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
        if (known.has(path)) continue;
        known.add(path);
        const name = relative(base, path).split(sep).join("/");
        nodes.set(name, { name, hash: files.of(path)?.hash ?? "missing", installed: false });
        const next = links.of(path);
        queue.push(...next.paths);
        for (const each of next.packages) nodes.set(each, { name: each, hash: "installed", installed: true });
      }
      return [...nodes.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    seen: () => withSurroundings([...files.keys(), ...folders]),
  };
}

/** With what, in the folders above each path, says where the name of a package leads to. */
function withSurroundings(paths: readonly string[]): string[] {
  const all = new Set(paths);
  const above = new Set<string>();
  for (const path of paths)
    for (let folder = dirname(path); !above.has(folder); folder = dirname(folder)) {
      above.add(folder);
      all.add(join(folder, "package.json"));
      all.add(join(folder, "node_modules"));
    }
  return [...all];
}

function linksOf(path: string, file: SourceFile | undefined, expand: (path: string) => string[]): Links {
  const imports = (file?.names.imports ?? []).map((name): [string, ResolvedImport] => [
    name,
    resolveImport(name, path),
  ]);
  const assets = (file?.names.assets ?? []).map((each) => resolve(dirname(path), each));
  return {
    paths: [
      ...imports.flatMap(([, to]) => ("path" in to ? expand(to.path) : [])),
      ...assets
        .filter((asset) => !`${path}${sep}`.startsWith(asset.endsWith(sep) ? asset : `${asset}${sep}`))
        .flatMap(expand),
    ],
    packages: imports.flatMap(([name, to]) => (to.kind === "package" ? [name] : [])),
  };
}

function memo<T>(make: (path: string) => T): { of(path: string): T; keys(): Iterable<string> } {
  const known = new Map<string, T>();
  return {
    of(path) {
      const value = known.get(path) ?? make(path);
      known.set(path, value);
      return value;
    },
    keys: () => known.keys(),
  };
}
