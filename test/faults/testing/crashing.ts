import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "../../../packages/runtime/src/supervisor/testing/scratch.ts";
import type { Stage } from "./stage.ts";

const entry = fileURLToPath(new URL("crashing-agent.ts", import.meta.url));

/** Starts an agent that dies at the k-th crash point; from the start on, or once it is armed. Resolves when it serves. */
export async function startCrashingAgent(
  { root, project }: Stage,
  k: number,
  when: "now" | "later",
): Promise<ChildProcess> {
  const argv = [entry, root, project.stack, project.environment, String(k), when];
  const agent = spawn(process.execPath, argv, { cwd: root, stdio: ["ignore", "pipe", "inherit"], detached: true });
  // It may die before it serves: then the pipe ends without a word.
  await Promise.race([once(agent.stdout, "data"), once(agent.stdout, "end")]);
  agent.stdout.destroy();
  agent.unref();
  return agent;
}

/** Whether the agent survived `work`; where it did not, `work` was broken off by that and by nothing else. */
export async function survives(agent: ChildProcess, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    await until("the agent to have crashed", () => agent.signalCode === "SIGKILL").catch(() => Promise.reject(error));
    return false;
  }
}
