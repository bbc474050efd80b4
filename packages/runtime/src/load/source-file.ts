import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { scanModule, type ModuleNames } from "./scan-module.ts";

/** A file as the hash of a program sees it. `names` is empty for what is no code. */
export interface SourceFile {
  readonly hash: string;
  readonly names: ModuleNames;
}

const noNames: ModuleNames = { imports: [], assets: [] };
const cache = new Map<string, SourceFile & { readonly mtimeMs: number; readonly size: number }>();

/** Reads and scans a file; from memory while its size and time of change are the same. `undefined`: no such file. */
export function sourceFile(path: string): SourceFile | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  const known = cache.get(path);
  if (known?.mtimeMs === stat.mtimeMs && known.size === stat.size) return known;
  const bytes = readFileSync(path);
  const read = {
    hash: createHash("sha256").update(bytes).digest("hex"),
    names: /\.[cm]?[jt]sx?$/.test(path) ? scanModule(bytes.toString()) : noNames,
    mtimeMs: stat.mtimeMs,
    size: stat.size,
  };
  cache.set(path, read);
  return read;
}
