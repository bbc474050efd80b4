import { closeSync, constants, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { runFiles } from "./run.ts";

/** Open descriptors of what a shim is started with; the caller closes them once the shim has its own. */
export interface RunDescriptors {
  readonly stdin: number;
  readonly log: number;
  readonly exit: number;
  readonly child: number;
  close(): void;
  /** Closes, and removes the status files: nothing was started, the folder may serve the next attempt. */
  discard(): void;
}

/** Creates the status files of a run and opens its log. Throws EEXIST when the folder served another run; leaves nothing then. */
export function openRunFiles(runDir: string, logFile: string): RunDescriptors {
  const open: number[] = [];
  const created: string[] = [];
  const close = (): void => {
    for (const descriptor of open.splice(0)) closeSync(descriptor);
  };
  const discard = (): void => {
    close();
    for (const path of created) rmSync(path, { force: true });
  };
  const create = (name: string, flags: number, content: string): number => {
    const path = join(runDir, name);
    const descriptor = openSync(path, flags | constants.O_CREAT | constants.O_EXCL, 0o600);
    open.push(descriptor);
    created.push(path);
    if (content !== "") writeSync(descriptor, content, 0);
    return descriptor;
  };
  // Written over in place: the status then finds room even when the disk is full by that time.
  const blanks = `${" ".repeat(511)}\n`;
  try {
    mkdirSync(runDir, { recursive: true, mode: 0o700 });
    const stdin = create(runFiles.stdin, constants.O_RDONLY, "");
    const exit = create(runFiles.exit, constants.O_WRONLY, blanks);
    const child = create(runFiles.child, constants.O_WRONLY, blanks);
    const log = openSync(logFile, "a", 0o600);
    open.push(log);
    return { stdin, log, exit, child, close, discard };
  } catch (error) {
    discard();
    throw error;
  }
}
