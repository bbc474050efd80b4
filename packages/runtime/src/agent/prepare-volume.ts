import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { CaissonError, type Expression } from "@caisson/core/run";
import type { HostFacts } from "../host/facts.ts";
import { markerVariable } from "../supervisor/run.ts";
import { baseEnvironment } from "./base-environment.ts";
import type { GenerationRecord } from "./records.ts";

/** Where and as whom the commands that fill a volume run. */
export interface PrepareWorld {
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly facts: HostFacts;
  readonly instance: string;
  /** Ends a command that still runs. */
  readonly signal?: AbortSignal;
}

/** Runs the commands that fill a new volume, one after the other. Throws E_VOLUME with what a failing one said. */
export async function prepareVolume(
  record: GenerationRecord,
  world: PrepareWorld,
  text: (value: Expression) => string,
): Promise<void> {
  for (const argv of record.launch.prepare) await runToEnd(record, world, argv.map(text));
}

/** One command to its end, `stdin` on its standard input. It bears our mark: what an agent's end cuts off is swept away. */
export async function runToEnd(
  record: GenerationRecord,
  { cwd, user, facts, instance, signal }: PrepareWorld,
  argv: readonly string[],
  stdin = "",
): Promise<void> {
  const [command = "", ...args] = argv;
  const env = {
    ...baseEnvironment(facts),
    LC_ALL: "C",
    [markerVariable]: `${instance}/${record.resource.name}/prepare/${randomUUID()}`,
    ...(record.binding?.libraryPath && { LD_LIBRARY_PATH: record.binding.libraryPath }),
  };
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ["pipe", "pipe", "pipe"],
    ...(user && { uid: user.uid, gid: user.gid }),
    ...(signal && { signal, killSignal: "SIGKILL" }),
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => (said = (said + chunk).slice(-4000)));
  child.stdin.on("error", () => {}); // a command that ends without reading; its exit code tells
  child.stdin.end(stdin);
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exit, killedBy) => resolve(exit ?? killedBy ?? "unknown"));
  });
  if (code !== 0)
    throw new CaissonError("E_VOLUME", `${record.resource.name}: ${command} ended with ${code}:\n${said.trim()}`);
}
