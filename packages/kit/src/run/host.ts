import { readFileSync } from "node:fs";
import { flushCompileCache, getCompileCacheDir } from "node:module";

/** The one place where the kit touches the process it runs in; everything else is given what it needs. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** Arguments after the script's name. */
  readonly args: readonly string[];
  readonly readFile: (path: string) => string;
  /** Calls back for each SIGTERM and SIGINT. Returns the function that stops it. */
  readonly onStopSignal: (listener: (signal: string) => void) => () => void;
  /** Calls back for an error that nobody caught. */
  readonly onUncaught: (listener: (error: unknown) => void) => () => void;
  /** Calls back when the process is about to end because nothing can happen any more. */
  readonly onNothingLeft: (listener: () => void) => void;
  /** Keeps what was compiled for the next start, where a compile cache is on: Node itself does so only at an orderly end. */
  readonly saveCompiled: () => void;
  readonly exit: (code: number) => never;
}

/** The real process. */
export function processHost(): Host {
  return {
    env: process.env,
    platform: process.platform,
    args: process.argv.slice(2),
    readFile: (path) => readFileSync(path, "utf8"),
    onStopSignal: (listener) => {
      process.on("SIGTERM", listener).on("SIGINT", listener);
      return () => process.off("SIGTERM", listener).off("SIGINT", listener);
    },
    onUncaught: (listener) => {
      process.on("uncaughtException", listener);
      return () => process.off("uncaughtException", listener);
    },
    onNothingLeft: (listener) => void process.once("beforeExit", listener),
    saveCompiled: () => {
      if (getCompileCacheDir() !== undefined) flushCompileCache();
    },
    exit: (code) => process.exit(code),
  };
}
