import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../host/error-code.ts";
import { syncFolder } from "../host/sync-folder.ts";
import type { CrashPoint } from "./crash-at.ts";
import { writeTable, type Content } from "./table.ts";

/**
 * Writes a whole state file in one step; the file that was there stays under another name, which is returned
 * (`undefined`: there was none). `suffix` goes into that name: `state.db.<suffix>-1`. The old file must be closed.
 *
 * A crash leaves the old file, or the new one with the old beside it. The old file's journal goes first: beside a new
 * file it would be rolled back into it.
 */
export function replaceState(
  file: string,
  content: Content,
  suffix: string,
  crashPoint: CrashPoint,
): string | undefined {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.new-${process.pid}`;
  removeUnfinished(file);
  try {
    writeTable(temporary, content);
    crashPoint("new file written");
    const kept = existsSync(file) || existsSync(`${file}-journal`) ? freeName(`${file}.${suffix}`) : undefined;
    if (kept !== undefined) keep(file, kept, crashPoint);
    renameSync(temporary, file);
    crashPoint("new file in place");
    syncFolder(dirname(file));
    return kept;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function keep(file: string, kept: string, crashPoint: CrashPoint): void {
  if (existsSync(`${file}-journal`)) renameSync(`${file}-journal`, `${kept}-journal`);
  crashPoint("old journal set aside");
  if (existsSync(file)) linkOrCopy(file, kept);
  crashPoint("old file set aside");
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (errorCode(error) === "ENOSPC") throw error;
    copyFileSync(from, to); // a file system without links
  }
}

function freeName(stem: string): string {
  for (let number = 1; ; number++) {
    const name = `${stem}-${number}`;
    if (!existsSync(name) && !existsSync(`${name}-journal`)) return name;
  }
}

/** What a crash in the middle of an earlier replacement left; the agent's lock says that no other is under way. */
function removeUnfinished(file: string): void {
  const prefix = `${basename(file)}.new-`;
  for (const name of readdirSync(dirname(file))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(file), name), { force: true });
  }
}
