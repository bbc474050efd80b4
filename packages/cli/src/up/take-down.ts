import type { AgentClient } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { reportedError } from "../errors/reported-error.ts";
import { lineProgress, progressFor, type Progress } from "./progress.ts";

/** `volumes`: data goes too. `progress`: where to show it; absent: as a table on a terminal, else as lines. */
export interface TakeDownOptions {
  readonly volumes: boolean;
  readonly progress?: Progress;
}

/** Takes the stack down in order and returns when the agent has ended. Another Ctrl-C kills what is left. */
export async function takeDown(context: Context, agent: AgentClient, options: TakeDownOptions): Promise<void> {
  const { volumes, progress = progressFor(context, context.now(), false) } = options;
  const hasten = (): void => void killRest(context, agent, volumes);
  const hint = (): void => void context.stderr.write("going down; Ctrl-C again kills what is left\n");
  if (context.interrupt.aborted) hint();
  else context.interrupt.addEventListener("abort", hint, { once: true });
  context.force.addEventListener("abort", hasten, { once: true });
  try {
    for await (const event of agent.down({ volumes, force: context.force.aborted })) {
      if (event.type === "error") throw reportedError(event);
      progress.event(event);
    }
  } finally {
    progress.end();
    context.interrupt.removeEventListener("abort", hint);
    context.force.removeEventListener("abort", hasten);
  }
}

async function killRest(context: Context, agent: AgentClient, volumes: boolean): Promise<void> {
  const progress: Progress = lineProgress(context, context.now());
  progress.event({ type: "note", message: "killing what is left" });
  try {
    for await (const _ of agent.down({ volumes, force: true }));
  } catch {
    // The first `down` ends when everything has ended, and tells what went wrong.
  }
}
