import type { AgentClient, ResourcesDocument, UpRequest, UpResult } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { reportedError } from "../errors/reported-error.ts";
import { agentEnded } from "./agent-ended.ts";
import type { Progress } from "./progress.ts";

/** What came of a request, and how everything is after it. */
export interface Applied extends UpResult, ResourcesDocument {
  /** How many the plan had; 0 where nothing was to be done. */
  readonly operations: number;
}

/**
 * Hands the agent a request and shows what it does with it, to the result; `undefined` when `signal` aborts first. What
 * the plan asks is asked on the terminal; where nobody can answer it is E_CONFIRM.
 */
export async function applyRequest(
  context: Context,
  agent: AgentClient,
  request: UpRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<Applied | undefined> {
  try {
    return await applyOnce(agent, request, progress, signal);
  } catch (error) {
    const asks = error instanceof Error && "code" in error && error.code === "E_CONFIRM";
    if (!asks || request.yes || !context.interactive) throw error;
    progress.end();
    context.stderr.write(`${error.message}\n`);
    const { confirm } = await import("../ask.ts");
    await confirm(context, "Go on", false);
    return await applyOnce(agent, { ...request, yes: true }, progress, signal);
  }
}

async function applyOnce(
  agent: AgentClient,
  request: UpRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<Applied | undefined> {
  let operations = 0;
  let after: ResourcesDocument = { resources: [], skipped: [] };
  for await (const event of agent.up(request, signal)) {
    progress.event(event);
    if (event.type === "error") throw reportedError(event);
    if (event.type === "plan") for (const message of event.notes) progress.event({ type: "note", message });
    if (event.type === "operation") operations++;
    if (event.type === "resources") after = event;
    if (event.type === "result") return { ...after, ...event, operations };
  }
  if (signal.aborted) return undefined;
  throw agentEnded();
}
