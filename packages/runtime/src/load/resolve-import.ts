import { createRequire, findPackageJSON, isBuiltin } from "node:module";
import { dirname, resolve, sep } from "node:path";
import { realpathSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * What an import stands for: a source of the project (`file`; `folder` = a workspace package whose entry cannot be told
 * apart), an installed package, or nothing that has a source (a builtin, a URL).
 */
export type ResolvedImport =
  | { readonly kind: "file" | "folder"; readonly path: string }
  | { readonly kind: "package" }
  | { readonly kind: "none" };

/** Resolves what `from` (an absolute path) imports as `specifier`. */
export function resolveImport(specifier: string, from: string): ResolvedImport {
  if (/^\.{0,2}\//.test(specifier)) return { kind: "file", path: relativeFile(specifier, from) };
  if (isBuiltin(specifier) || (!specifier.startsWith("#") && /^[a-z]+:/.test(specifier))) return { kind: "none" };
  try {
    return place("file", createRequire(from).resolve(specifier));
  } catch {
    return wholePackage(specifier, from); // no entry for require(), or not installed
  }
}

function relativeFile(specifier: string, from: string): string {
  // Only what URL syntax could change needs the slow way.
  return /[%?#]/.test(specifier)
    ? fileURLToPath(new URL(specifier, pathToFileURL(from)))
    : resolve(dirname(from), specifier);
}

function wholePackage(specifier: string, from: string): ResolvedImport {
  try {
    const found = findPackageJSON(specifier, pathToFileURL(from));
    return found === undefined ? { kind: "package" } : place("folder", dirname(realpathSync(found)));
  } catch {
    return { kind: "package" }; // not installed: the program fails to start, whatever its hash
  }
}

function place(kind: "file" | "folder", path: string): ResolvedImport {
  return path.split(sep).includes("node_modules") ? { kind: "package" } : { kind, path };
}
