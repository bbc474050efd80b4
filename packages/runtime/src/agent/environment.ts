import type { Agent } from "./agent.ts";
import type { EnvironmentDocument } from "./protocol.ts";
import { runSpec } from "./start-unit.ts";

/** How a resource's program is run, with its references as they are now; secrets appear as paths of files. */
export async function environmentOf(agent: Agent, name: string): Promise<EnvironmentDocument> {
  const record = agent.records.latest(name);
  if (!record) throw new Error(`${name} has no generation`);
  await agent.files.deliver(record);
  if (!agent.containers) agent.folders.makeRuntime(name, record.launch.user);
  const unit = agent.engine.units().find((each) => each.resource === name);
  const spec = runSpec(agent, unit ?? { resource: name, replica: 0, generation: record.generation });
  const run = unit && agent.engine.runOf(unit);
  const container = agent.containers && { container: run ? agent.containers.idOf(run) : null };
  return { ...container, resource: name, argv: spec.argv, cwd: spec.cwd, env: spec.env, ...spec.user };
}
