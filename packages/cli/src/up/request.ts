import type { ResolvedStack } from "@caisson/core";
import { checkPrograms, type UpRequest } from "@caisson/runtime";
import { CommandError } from "../errors/command-error.ts";
import { pick } from "../project/agent.ts";
import type { Choices, OpenStack, ResolveFlags } from "../project/open.ts";

/** What the command line says about an `up`; plain data, so that a worker can be given it. */
export interface UpChoices extends ResolveFlags, Choices {
  readonly only: readonly string[];
  readonly yes: boolean;
  readonly allowOvercommit: boolean;
}

/** Works the open stack out into what an agent is asked for. Throws all problems of the stack at once. */
export async function upRequest(open: OpenStack, choices: UpChoices): Promise<UpRequest> {
  const stack = await open.resolve(choices, choices);
  const { yes, allowOvercommit } = choices;
  const only = choices.only.flatMap((name) => membersOf(name, stack));
  for (const name of only) {
    const off = stack.skipped.find((each) => each.name === name);
    if (off)
      throw new CommandError("E_RESOURCE_UNKNOWN", `${name} is not on: ${off.reason}`, {
        hint: "Turn its profile on with --profile NAME.",
      });
  }
  pick(stack.resources, only);
  checkPrograms(stack, open.root);
  // Of what is left out too: what an image holds does not follow from what is started of it.
  const whole = choices.without?.length ? await open.resolve(choices, { ...choices, without: [] }) : stack;
  const programs = await open.programHashes(whole);
  return { stack, root: open.root, programs, only, yes, allowOvercommit };
}

/** A pod by its name is all of its members. */
function membersOf(name: string, { resources }: ResolvedStack): readonly string[] {
  const members = resources.filter(({ pod }) => pod?.name === name).map((each) => each.name);
  return members.length > 0 ? members : [name];
}
