import { connectAgent, type AgentClient, type Project, type TargetName } from "@caisson/runtime";

/** What can be asked of a stack whether its agent runs or not. */
export type Source = Pick<AgentClient, "resources" | "plan" | "logs">;

/** Asks the agent where one runs (`running`), else what the state on disk tells. */
export async function askState<T>(
  project: Project,
  ask: (source: Source, running: boolean) => Promise<T>,
  target?: TargetName,
): Promise<T> {
  const agent = await connectAgent(project);
  if (agent !== undefined) return await ask(agent, true);
  // Late: it loads what the agent is made of, which a command that has an agent does without.
  const { openOffline } = await import("@caisson/runtime/offline");
  const offline = await openOffline(project, target);
  try {
    return await ask(offline, false);
  } finally {
    offline.close();
  }
}
