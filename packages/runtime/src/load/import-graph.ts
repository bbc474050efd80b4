import { statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
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

/**
 * Walks from files or folders over everything they lead to: relative imports, imports of workspace packages, and files or
 * folders named beside the module (see scanModule). A folder that contains the module itself only locates it and is not
 * followed. The result is sorted by name. One walker reads each file once; make a new one to see changes.
 */
export function importGraph(): (paths: readonly string[], base: string) => GraphNode[] {
  const files = memo(sourceFile);
  const links = memo((path: string): Links => linksOf(path, files(path)));
  return (paths, base) => {
    const nodes = new Map<string, GraphNode>();
    const seen = new Set<string>();
    const queue = paths.flatMap(expand);
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const name = relative(base, path).split(sep).join("/");
      nodes.set(name, { name, hash: files(path)?.hash ?? "missing", installed: false });
      const next = links(path);
      queue.push(...next.paths);
      for (const each of next.packages) nodes.set(each, { name: each, hash: "installed", installed: true });
    }
    return [...nodes.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  };
}

function linksOf(path: string, file: SourceFile | undefined): Links {
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

function expand(path: string): string[] {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? folderFiles(path) : [path];
}

function memo<T>(of: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    const value = known.get(path) ?? of(path);
    known.set(path, value);
    return value;
  };
}
