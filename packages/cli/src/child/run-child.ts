import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Context } from "../context.ts";
import { errorText } from "../errors/report.ts";
import { findProgram } from "./find-program.ts";

/** A program to run in our place: it gets our terminal, and its end is ours. */
export interface ChildSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs it to its end. Its exit code; 128 + N for a signal, 127 not found, 126 not executable. */
export async function runChild(context: Context, { argv, cwd, env, uid, gid }: ChildSpec): Promise<number> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    cwd,
    env: { ...env },
    stdio: "inherit",
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  const { interrupt, force, stdin, stdout, stderr } = context;
  // A terminal's Ctrl-C reaches the child by itself; only what was sent to us alone is passed on.
  const onTerminal = stdin.isTTY || stdout.isTTY || stderr.isTTY;
  const pass = (signal: AbortSignal): void => {
    const name: unknown = signal.reason;
    if (isSignal(name) && !(name === "SIGINT" && onTerminal)) child.kill(name);
  };
  const first = (): void => pass(interrupt);
  const second = (): void => pass(force);
  interrupt.addEventListener("abort", first, { once: true });
  force.addEventListener("abort", second, { once: true });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        const code = startFailure(context, program, env["PATH"] ?? "", error);
        if (code === undefined) reject(error);
        else resolve(code);
      });
      child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    interrupt.removeEventListener("abort", first);
    force.removeEventListener("abort", second);
  }
}

function isSignal(name: unknown): name is NodeJS.Signals {
  return typeof name === "string" && name in constants.signals;
}

/** Says why a program could not be started; `undefined` for a reason that is none of the user's. */
function startFailure(
  { stderr }: Context,
  program: string,
  path: string,
  { code }: NodeJS.ErrnoException,
): number | undefined {
  // A folder of the PATH that its user may not enter makes "not found" look like "not allowed".
  const absent = code === "EACCES" && !program.includes("/") && findProgram(program, path) === undefined;
  if (code === "ENOENT" || absent) {
    const hint = "It is looked up on the PATH of the resource's environment; `caisson env RESOURCE` shows it.";
    stderr.write(
      errorText("E_PROGRAM_NOT_FOUND", `expected a program ${JSON.stringify(program)}, found none`, hint, stderr),
    );
    return 127;
  }
  if (code === "EACCES" || code === "ENOEXEC") {
    const hint = "Check the file's permissions and its first line.";
    stderr.write(errorText("E_PROGRAM_NOT_EXECUTABLE", `${JSON.stringify(program)} is not executable`, hint, stderr));
    return 126;
  }
  return undefined;
}
