import {
  connectAgent,
  resumeAgent,
  type AgentClient,
  type ResourcesDocument,
  type ResourceView,
} from "@caisson/runtime";
import { defaultWaitMs } from "../args/common-flags.ts";
import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { usageError } from "../errors/command-error.ts";
import { pick, runningStack } from "../project/agent.ts";
import { openStack } from "../project/open.ts";
import { standing } from "../project/settled.ts";
import { waitFor, waitUntil } from "../project/watch.ts";
import { resourcesJson } from "../render/resource-json.ts";
import type { ActArguments } from "../verbs/start.ts";
import { levels } from "./levels.ts";

type Action = "start" | "stop" | "restart";

/** Starts, stops or restarts, group by group in the order of needs (for `stop` the other way round). */
export async function runAct(context: Context, { flags, words }: ActArguments, action: Action): Promise<void> {
  if (action === "start" && words.length === 0) {
    const resumed = await resume(context, flags);
    if (resumed) return await tellResumed(context, flags, resumed);
  }
  const { agent } = await runningStack(context, flags);
  const { resources } = await agent.resources();
  const chosen = words.length > 0 ? pick(resources, words) : resources.filter((view) => concerns(view, action));
  const groups = action === "stop" ? levels(chosen).toReversed() : levels(chosen);
  const timeoutMs = flags["wait-timeout"] ?? defaultWaitMs;
  if (action !== "stop") refuseIdle(chosen);
  for (const group of groups) {
    const after = await Promise.all(group.map((view) => actOne(agent, view, action, timeoutMs)));
    for (const [index, { name }] of group.entries()) {
      const now = after[index]?.resources.find((each) => each.name === name);
      const none = action !== "stop" && now?.kind === "service" && now.replicas.wanted === 0;
      context.stderr.write(none ? `${name} has 0 replicas: caisson scale ${name}=1\n` : `${name} ${done[action]}\n`);
    }
  }
  if (flags.wait && action !== "stop")
    await waitFor(agent, { names: chosen.map(({ name }) => name), condition: "ready", timeoutMs });
  if (!isJson(flags.format)) return;
  const after = await agent.resources();
  context.stdout.write(resourcesJson({ ...after, resources: pick(after.resources, words) }, flags.format));
}

/** The agent of a stack that had none, and that was not taken down. */
async function resume(context: Context, flags: ActArguments["flags"]): Promise<AgentClient | undefined> {
  const { project } = await openStack(context, flags);
  if ((await connectAgent(project)) !== undefined) return undefined;
  return await resumeAgent(project);
}

async function tellResumed(context: Context, flags: ActArguments["flags"], agent: AgentClient): Promise<void> {
  const timeoutMs = flags["wait-timeout"] ?? defaultWaitMs;
  const after = await waitFor(agent, { condition: flags.wait ? "ready" : "started", timeoutMs });
  if (isJson(flags.format)) return void context.stdout.write(resourcesJson(after, flags.format));
  const ran = after.resources.filter(({ pids }) => pids.length > 0);
  context.stderr.write(`taken up again: ${ran.map(({ name }) => name).join(", ")}\n`);
}

const done: Readonly<Record<Action, string>> = { start: "started", stop: "stopped", restart: "restarted" };

/** Without names: what an action has something to do with. */
function concerns(view: ResourceView, action: Action): boolean {
  if (view.kind !== "service" && view.kind !== "component") return action === "stop" && view.pids.length > 0;
  return action === "start" ? view.pids.length === 0 : view.pids.length > 0;
}

/** Nothing runs of these but when a person runs it, or not here: there is nothing to wait for. */
function refuseIdle(views: readonly ResourceView[]): void {
  const idle = views.find(({ kind }) => kind === "command" || kind === "external");
  if (idle)
    throw usageError(
      `${idle.name} is ${idle.kind === "command" ? "a command" : "external"}, expected what the stack runs`,
      {
        hint: idle.kind === "command" ? `Run it: caisson run ${idle.name}` : "It is started where it runs.",
      },
    );
}

async function actOne(
  agent: AgentClient,
  view: ResourceView,
  action: Action,
  timeoutMs: number,
): Promise<ResourcesDocument> {
  const { name } = view;
  await agent.act(name, action);
  if (action === "stop") return waitFor(agent, { names: [name], condition: "stopped", timeoutMs });
  if (action === "start") return waitFor(agent, { names: [name], condition: "started", timeoutMs });
  // It runs now as it ran before: only another beginning tells that it was restarted.
  let ran = false;
  return waitUntil(agent, {
    names: [name],
    what: "restarted",
    timeoutMs,
    judge: (now) => {
      if (now.replicas.wanted === 0) return "off";
      if (now.rollout === "failed" || now.state === "Failed" || now.state === "CrashLoop") return "failed";
      if (now.rollout === "going") return "pending";
      const anew = now.startedAt !== view.startedAt || now.generation !== view.generation;
      if (!anew) return "pending";
      // A program that cannot run has run too, until it ended.
      const runs = now.state === "Running" || now.state === "Completed";
      if (ran && !runs) return "failed";
      ran ||= runs;
      return standing(now);
    },
  });
}
