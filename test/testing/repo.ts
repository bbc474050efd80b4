import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The folder of this repository. */
export const repo = fileURLToPath(new URL("../../", import.meta.url));

/** A new empty folder outside the repository, and how to remove it. */
export function makeTempFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "caisson-repo-")));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The same, removed when the test ends. */
export function tempFolder(): string {
  const { folder, remove } = makeTempFolder();
  onTestFinished(remove);
  return folder;
}

/** Writes files below a folder, by relative path. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** How a command ended; `code` is `null` when a signal ended it. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; does not throw when it fails. */
export function run(
  file: string,
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeout?: number } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(file, argv, { maxBuffer: 1e8, ...options }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}
