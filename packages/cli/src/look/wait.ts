import { defaultWaitMs } from "../args/common-flags.ts";
import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { pick, runningStack } from "../project/agent.ts";
import { standing } from "../project/settled.ts";
import { waitFor } from "../project/watch.ts";
import { resourcesJson } from "../render/resource-json.ts";
import type { WaitArguments } from "../verbs/wait.ts";

/** Waits, and prints what it waited for where a program asks. */
export async function runWait(context: Context, { flags, words }: WaitArguments): Promise<void> {
  const { agent } = await runningStack(context, flags);
  const { resources } = await agent.resources();
  const condition = flags.for ?? "ready";
  // What is off by intention is waited for only when it is asked for by name.
  const names = pick(resources, words)
    .filter((view) => words.length > 0 || condition === "stopped" || standing(view) !== "off")
    .map(({ name }) => name);
  await waitFor(agent, { names, condition, timeoutMs: flags.timeout ?? defaultWaitMs });
  if (!isJson(flags.format)) return;
  const after = await agent.resources();
  context.stdout.write(resourcesJson({ ...after, resources: pick(after.resources, words) }, flags.format));
}
