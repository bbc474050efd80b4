import { earlyAgent, findStack, type EarlyAgent } from "@caisson/runtime";
import { realpathSync } from "node:fs";
import { cachePath, lastKnown } from "../cache/stack-cache.ts";
import type { Context } from "../context.ts";
import type { UpArguments } from "../verbs/up.ts";

/**
 * Asks for the stack's agent, or starts its process, while the stack is still being read: either takes about as long. Whose
 * agent it is to be is known from the last time: where that was wrong, or nothing is known, this comes to nothing. Nor is
 * one needed to print a plan.
 */
export async function agentAhead({ cwd, env }: Context, { flags }: UpArguments): Promise<EarlyAgent | undefined> {
  if (flags["dry-run"]) return undefined;
  try {
    const known = lastKnown(cachePath(realpathSync(findStack(cwd, flags.file)), env));
    const environment = flags.env ?? known?.environments[0];
    if (known === undefined || environment === undefined) return undefined;
    return await earlyAgent({ root: known.root, stack: known.name, environment }, flags.target);
  } catch {
    return undefined; // what is wrong is found, and told of, when the stack is read
  }
}
