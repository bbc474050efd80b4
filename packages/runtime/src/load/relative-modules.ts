import { CaissonError, type ModuleFile, type ResolvedStack } from "@caisson/core/errors";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The same stack with every module file relative to `root` (`{ base: "", path: "services/api/main.ts" }`, with `/`), so
 * that hashes, plans and golden files hold no path of this machine. Frozen like what came in; twice changes nothing.
 */
export function relativeModules(resolved: ResolvedStack, root: string): ResolvedStack {
  // Only module files are replaced, by module files: the shape stays.
  return rewrite(resolved, root) as ResolvedStack;
}

/** Where a module file is, relative to `root` or not. Throws E_STACK_LOAD for one that is not a file of this machine. */
export function moduleFilePath({ base, path }: ModuleFile, root: string): string {
  if (base === "") return join(root, path);
  if (!base.startsWith("file:"))
    throw new CaissonError("E_STACK_LOAD", `expected the module of ${path} to be a file, got ${base.slice(0, 100)}`);
  return resolve(dirname(fileURLToPath(base)), path);
}

function rewrite(value: unknown, root: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => rewrite(item, root));
    return items.every((item, index) => item === value[index]) ? value : Object.freeze(items);
  }
  if (isModuleFile(value)) return toRelative(value, root);
  const entries = Object.entries(value).map(([key, item]) => [key, rewrite(item, root), item] as const);
  if (entries.every(([, item, before]) => item === before)) return value;
  return Object.freeze(Object.fromEntries(entries));
}

function isModuleFile(value: object): value is ModuleFile {
  return "kind" in value && value.kind === "module-file" && "base" in value && "path" in value;
}

function toRelative(file: ModuleFile, root: string): ModuleFile {
  if (file.base === "") return file;
  const path = relative(root, moduleFilePath(file, root)).split(sep).join("/");
  return Object.freeze({ kind: "module-file", base: "", path });
}
