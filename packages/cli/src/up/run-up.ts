import { ensureAgent, type AgentClient, type EarlyAgent, type ResourcesDocument } from "@caisson/runtime";
import { defaultWaitMs } from "../args/common-flags.ts";
import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { openStack } from "../project/open.ts";
import { timeLimit, waitFor } from "../project/watch.ts";
import type { UpArguments } from "../verbs/up.ts";
import { applyRequest } from "./apply.ts";
import { holdLease } from "./lease.ts";
import { progressFor } from "./progress.ts";
import { upRequest, type UpChoices } from "./request.ts";
import { printSummary } from "./summary.ts";

/** Brings the stack up; the verb's help says what it promises. */
export async function runUp(context: Context, args: UpArguments, early?: EarlyAgent): Promise<number> {
  const { flags } = args;
  const choices = choicesOf(args);
  // What only some runs need is loaded by those: an `up` with nothing to do should cost next to nothing.
  if (flags["dry-run"]) {
    const { runPlan } = await import("./run-plan.ts");
    await runPlan(context, flags, choices);
    return 0;
  }
  const begun = context.now();
  const limit = flags["wait-timeout"];
  const waits = flags.wait || limit !== undefined;
  const stays = flags.watch || (!flags.detach && !waits);
  const json = isJson(flags.format);

  const open = await openStack(context, flags);
  const request = await upRequest(open, choices);
  const { agent, ran: attached } = await ensureAgent(open.project, flags.target, early);
  const lease = stays && !flags.detach && !attached ? await holdLease(agent) : undefined;
  const progress = progressFor(context, begun, json);
  const late = limit === undefined ? [] : [timeLimit(limit)];
  let ok = true;
  try {
    const result = await applyRequest(context, agent, request, progress, AbortSignal.any([context.interrupt, ...late]));
    progress.end();
    const waited =
      waits && !context.interrupt.aborted ? await waitForAll(context, agent, result, begun, limit) : undefined;
    if (context.interrupt.aborted) return await interrupted(context, agent, lease !== undefined);
    if (result) {
      ok = result.ok;
      if (!json) await printSummary(context, waited ?? result, result, begun);
    }
  } catch (error) {
    progress.end();
    if (!attached) await leaveAsFound(agent);
    lease?.release();
    throw error;
  }
  if (!stays) return ok ? 0 : 18;
  const { foreground } = await import("./foreground.ts");
  return await foreground(context, { agent, open, begun, json, lease, choices, watch: flags.watch }, ok);
}

function choicesOf({ flags, words }: UpArguments): UpChoices {
  const { profile, set, without, scale, yes } = flags;
  const allowOvercommit = flags["allow-overcommit"];
  return { profile, set, "env-file": flags["env-file"], without, scale, only: words, yes, allowOvercommit };
}

/** Ctrl-C before all was up: what this `up` began goes down with it; what it was only attached to goes on. */
async function interrupted(context: Context, agent: AgentClient, owns: boolean): Promise<number> {
  if (owns) {
    const { takeDown } = await import("./take-down.ts");
    await takeDown(context, agent, { volumes: false });
  } else context.stderr.write("left; what was begun goes on, `caisson ps` shows it\n");
  return 130;
}

/** Everything that should be ready, also what this `up` did not touch. */
async function waitForAll(
  context: Context,
  agent: AgentClient,
  known: ResourcesDocument | undefined,
  begun: number,
  limit = defaultWaitMs,
): Promise<ResourcesDocument> {
  const timeoutMs = Math.max(0, limit - (context.now() - begun));
  const options = { condition: "ready", timeoutMs, limitMs: limit, signal: context.interrupt } as const;
  return await waitFor(agent, { ...options, ...(known && { known }) });
}

/**
 * An agent that was started for a stack that could not be planned has nothing to look after, or what an earlier one left:
 * that goes on as it was.
 */
async function leaveAsFound(agent: AgentClient): Promise<void> {
  try {
    const { resources } = await agent.resources();
    if (resources.some((view) => view.pids.length > 0)) return await agent.giveUpLease();
    await agent.replace();
  } catch {
    // The error that led here is the one to show; an agent that cannot be reached is not there.
  }
}
