import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { Context, Output } from "./context.ts";
import { dispatch } from "./dispatch.ts";

/** The process's side of a command: streams, signals, exit code. The launcher calls it; nothing else touches `process`. */
export async function main(): Promise<void> {
  const interrupt = new AbortController();
  const force = new AbortController();
  let handled = false;
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, code] of Object.entries(signals))
    process.on(signal, () => {
      if (!handled) process.exit(code);
      if (interrupt.signal.aborted) force.abort(signal);
      else interrupt.abort(signal);
    });
  // A reader that left (`| head`) is no error: what it did not read, nobody wanted.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      // Of a disk without room there is no better place to tell.
      if (stream === process.stdout) writeSync(2, `error[E_FILE]: the output cannot be written: ${error.message}\n`);
      process.exit(1);
    });

  const code = await dispatch(process.argv.slice(2), worldOf(interrupt.signal, force.signal), (handles) => {
    handled = handles;
  });
  // Pipes are written asynchronously: what was said must be out before the process ends.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

function worldOf(interrupt: AbortSignal, force: AbortSignal): Context {
  const { env } = process;
  const stdinTTY = isatty(0);
  const stderr = outputOf(process.stderr, env);
  const inCi = env["CI"] !== undefined && env["CI"] !== "" && env["CI"] !== "0" && env["CI"] !== "false";
  return {
    // Late: a folder that is gone has no name, and not every command asks for it.
    get cwd() {
      return process.cwd();
    },
    env,
    stdin: {
      isTTY: stdinTTY,
      // Late: looking at process.stdin opens it.
      get stream() {
        return process.stdin;
      },
    },
    stdout: outputOf(process.stdout, env),
    stderr,
    interrupt,
    force,
    now: Date.now,
    platform: { node: process.version, executable: process.execPath, os: process.platform, arch: process.arch },
    interactive: stdinTTY && stderr.isTTY && !inCi,
    live: stderr.isTTY && !inCi && env["TERM"] !== "dumb",
  };
}

function outputOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Output {
  const isTTY = stream.isTTY === true;
  return {
    write: (text) => stream.write(text),
    drained: () => new Promise((resolve) => (stream.writableNeedDrain ? stream.once("drain", resolve) : resolve())),
    isTTY,
    color: wantsColor(isTTY, env),
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
  };
}

function wantsColor(isTTY: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"] !== undefined) return env["FORCE_COLOR"] !== "0";
  return isTTY && env["TERM"] !== "dumb";
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
