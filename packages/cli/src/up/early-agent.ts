import { agentFor, findStack, spawnAgent, type AgentProcess } from "@caisson/runtime";
import { existsSync, realpathSync } from "node:fs";
import { cachePath, lastKnown } from "../cache/stack-cache.ts";
import type { Context } from "../context.ts";
import type { UpArguments } from "../verbs/up.ts";

/**
 * Starts the process of the stack's agent while the stack is still being read, which takes as long as that process takes to
 * load its code. Whose agent it is to be is known from the last time: where that was wrong, or nothing is known, or an agent
 * runs, this comes to nothing. Nor is one needed to print a plan.
 */
export async function earlyAgent({ cwd, env }: Context, { flags }: UpArguments): Promise<AgentProcess | undefined> {
  if (flags["dry-run"]) return undefined;
  try {
    const known = lastKnown(cachePath(realpathSync(findStack(cwd, flags.file)), env));
    const environment = flags.env ?? known?.environments[0];
    if (known === undefined || environment === undefined) return undefined;
    const project = { root: known.root, stack: known.name, environment };
    const { socket, stateFolder } = agentFor(project);
    if (existsSync(socket) || !existsSync(stateFolder)) return undefined;
    return await spawnAgent(project, flags.target);
  } catch {
    return undefined; // what is wrong is found, and told of, when the stack is read
  }
}
