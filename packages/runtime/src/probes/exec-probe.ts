import { spawn } from "node:child_process";
import { CaissonError } from "@caisson/core/run";
import type { Attempt, ExecProbe, Outcome } from "./probe-spec.ts";

const outputChars = 4096;

/** Runs a program in a group of its own, so that a timeout ends it with its children. Its last line is the detail. */
export function execAttempt(spec: ExecProbe): Attempt {
  const [program, ...argv] = spec.argv;
  if (program === undefined) throw new CaissonError("E_VALUE", "expected a program to probe with, got an empty argv");
  return (signal) => run(program, argv, spec, signal);
}

function run(program: string, argv: readonly string[], spec: ExecProbe, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    const child = spawn(program, argv, { cwd: spec.cwd, env: spec.env, detached: true, stdio });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString("utf8")).slice(-outputChars);
    };
    child.once("error", reject);
    // without a descriptor left there are no streams, only the error
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    const abort = (): void => {
      killGroup(child.pid);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
    child.once("exit", (code, killedBy) => {
      signal.removeEventListener("abort", abort);
      // only what is in the pipes by now: a process that it left behind may hold them open for ever
      setImmediate(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        const end = code === null ? `was ended by ${killedBy}` : `exited with ${code}`;
        resolve({ ok: code === 0, detail: [`${program} ${end}`, ...lastLine(output)].join(": ") });
      });
    });
  });
}

/** Called only while its leader is not reaped: the id cannot be another's yet. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // nobody left
  }
}

function lastLine(output: string): string[] {
  const line = output.trim().split("\n").at(-1)?.trim().slice(0, 200) ?? "";
  return line === "" ? [] : [line];
}
