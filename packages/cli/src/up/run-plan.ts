import type { TargetName } from "@caisson/runtime";
import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { askState } from "../project/offline.ts";
import { openStack, type StackFlags } from "../project/open.ts";
import { tint } from "../render/style.ts";
import { upRequest, type UpChoices } from "./request.ts";

/** Prints what `up` would do, asked of the agent where one runs, else worked out from the state on disk. */
export async function runPlan(
  context: Context,
  flags: StackFlags & { readonly format: string | undefined; readonly target?: TargetName | undefined },
  choices: UpChoices,
): Promise<void> {
  const open = await openStack(context, flags);
  const request = await upRequest(open, choices);
  const { plan, text, notes, skipped } = await askState(open.project, (source) => source.plan(request), flags.target);
  const { stdout, stderr } = context;
  if (flags.format === "jsonl") for (const each of plan.operations) stdout.write(`${JSON.stringify(each)}\n`);
  else if (isJson(flags.format)) stdout.write(`${JSON.stringify({ ...plan, notes, skipped }, null, 2)}\n`);
  else {
    stdout.write(
      plan.operations.length === 0 ? `nothing to do: ${plan.unchanged.length} unchanged\n` : `${text.trimEnd()}\n`,
    );
    for (const note of notes) stderr.write(`note: ${note}\n`);
    for (const { name, reason } of skipped) stderr.write(tint(`skipped ${name}: ${reason}\n`, "dim", stderr.color));
  }
}
