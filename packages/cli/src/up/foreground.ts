import { connectAgent, type AgentClient, type ResourceView } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { logJson, logWriter } from "../logs/log-writer.ts";
import type { OpenStack } from "../project/open.ts";
import { standing } from "../project/settled.ts";
import { changeLine } from "./change-line.ts";
import type { HeldLease } from "./lease.ts";
import { agentEnded } from "./agent-ended.ts";
import { progressFor } from "./progress.ts";
import type { UpChoices } from "./request.ts";
import { takeDown } from "./take-down.ts";

/** A stack that is up, and how this command holds it. `lease` absent: it ran before, and is only looked at. */
export interface Session {
  readonly agent: AgentClient;
  readonly open: OpenStack;
  readonly begun: number;
  readonly json: boolean;
  readonly lease: HeldLease | undefined;
  readonly choices: UpChoices;
  readonly watch: boolean;
}

/**
 * Follows the logs and every change of state until Ctrl-C, until nothing runs any more, or until someone else takes the
 * stack down. Then, where the stack is ours, takes it down. `ok`: all came up; the exit code says so at the end.
 */
export async function foreground(context: Context, session: Session, ok: boolean): Promise<number> {
  const { agent, lease, json } = session;
  const ended = new AbortController();
  const stop = AbortSignal.any([context.interrupt, ended.signal]);
  const logs = followLogs(context, session, ended.signal);
  logs.catch(() => {}); // waited for at the end; an agent that goes before that is told of below
  const watching = session.watch ? watchFiles(context, session, stop) : Promise.resolve();
  let unwatched: unknown;
  watching.catch((error: unknown) => {
    unwatched = error;
    ended.abort();
  });
  let failed = !ok;
  try {
    const { views, over } = await followChanges(context, session, stop);
    if (over) failed ||= [...views.values()].some((view) => standing(view) === "failed");
    else if (!context.interrupt.aborted) throw unwatched ?? agentEnded();
    // The logs go on: how a program ends is often what one wants to see.
    const progress = progressFor({ ...context, live: false }, context.now(), json);
    if (lease) await takeDown(context, agent, { volumes: false, progress }).catch(over ? unlessGone(session) : raise);
    else if (context.interrupt.aborted) context.stderr.write("left; the stack goes on, `caisson down` ends it\n");
  } finally {
    ended.abort();
    await Promise.allSettled([logs, watching]);
  }
  return failed ? 18 : 0;
}

async function watchFiles(context: Context, session: Session, stop: AbortSignal): Promise<void> {
  const { watchStack } = await import("./watch-stack.ts");
  await watchStack(context, session, stop);
}

/** Lines of every resource, as they come. A stream that breaks with its agent leaves it to the events to tell. */
async function followLogs({ stdout }: Context, { agent, begun, json }: Session, stop: AbortSignal): Promise<void> {
  const { resources } = await agent.resources();
  const names = resources.map(({ name }) => name);
  const print = json ? logJson(stdout) : logWriter(stdout, { names, prefix: true, timestamps: false });
  try {
    for await (const line of agent.logs({ resources: [], since: begun, follow: true }, stop)) await print(line);
  } catch (error) {
    const lost = error instanceof Error && "code" in error && error.code === "E_AGENT_LOST";
    if (!stop.aborted && !lost) throw error;
  }
}

/** Where nothing runs, another command may be ending the agent at this very moment. */
function unlessGone({ open }: Session): (error: unknown) => Promise<void> {
  return async (error) => {
    if (await connectAgent(open.project)) throw error;
  };
}

function raise(error: unknown): never {
  throw error;
}

/** What was seen last. `over`: nothing runs any more; else it was stopped before, or the agent ended before it. */
async function followChanges(
  context: Context,
  { agent, begun, json, watch }: Session,
  stop: AbortSignal,
): Promise<{ readonly views: ReadonlyMap<string, ResourceView>; readonly over: boolean }> {
  const { resources } = await agent.resources();
  const views = new Map(resources.map((view) => [view.name, view]));
  const line = changeLine(context.stderr.color, begun);
  const program = json ? progressFor(context, begun, true) : undefined;
  // The first picture is what the summary has just shown.
  for (const resource of resources) line({ type: "resource", resource }, context.now());
  for await (const event of agent.events(stop)) {
    program?.event(event);
    const text = line(event, context.now());
    if (text !== undefined && !json) context.stderr.write(`${text}\n`);
    if (event.type === "gone") views.delete(event.name);
    if (event.type !== "resource") continue;
    views.set(event.resource.name, event.resource);
    if (!watch && [...views.values()].every(isOver)) break;
  }
  return { views, over: !stop.aborted && [...views.values()].every(isOver) };
}

/** Neither runs nor will by itself. */
function isOver(view: ResourceView): boolean {
  if (view.kind === "schedule") return false;
  return view.pids.length === 0 && ["Exited", "Completed", "Failed"].includes(view.state);
}
