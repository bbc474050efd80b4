import { CaissonError } from "@caisson/core";
import { programHashes, relativeModules, type UpRequest } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { pick } from "../project/agent.ts";
import { resolveOpen, type Choices, type OpenStack, type ResolveFlags } from "../project/open.ts";

/** What the command line says about an `up`; plain data, so that a worker can be given it. */
export interface UpChoices extends ResolveFlags, Choices {
  readonly only: readonly string[];
  readonly yes: boolean;
  readonly allowOvercommit: boolean;
}

/** Works the open stack out into what an agent is asked for. Throws all problems of the stack at once. */
export async function upRequest(
  context: Pick<Context, "cwd" | "env">,
  open: OpenStack,
  choices: UpChoices,
): Promise<UpRequest> {
  const stack = relativeModules(resolveOpen(context, open, choices, choices), open.root);
  const { only, yes, allowOvercommit } = choices;
  for (const name of only) {
    const off = stack.skipped.find((each) => each.name === name);
    if (off)
      throw new CaissonError("E_RESOURCE_UNKNOWN", `${name} is not on: ${off.reason}`, {
        hint: "Turn its profile on with --profile NAME.",
      });
  }
  pick(stack.resources, only);
  const programs = await programHashes(stack, open.root);
  return { stack, root: open.root, programs, only, yes, allowOvercommit };
}
