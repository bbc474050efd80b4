import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

/** A new folder under the system's temporary one (real path), removed when the test ends. */
export function tempFolder(name = "caisson-load-"): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), name)));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files below a folder, by relative path. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** What `load-files.ts` prints for a file. */
export interface Loaded {
  readonly root: string;
  readonly file: string;
  readonly name: string;
  readonly resolved: unknown;
  readonly hashes: Readonly<Record<string, string>>;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Loads stack files in a process of their own. Also returns what that process wrote to stderr. */
export async function loadFiles(files: readonly string[]): Promise<{ results: Loaded[]; stderr: string }> {
  const script = fileURLToPath(new URL("./load-files.ts", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...files], { maxBuffer: 1e8 });
  return { results: JSON.parse(stdout) as Loaded[], stderr };
}
