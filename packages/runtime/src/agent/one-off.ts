import { CaissonError } from "@caisson/core/run";
import type { Agent } from "./agent.ts";
import type { OneOffDocument, OneOffRequest } from "./protocol.ts";
import { runSpec } from "./start-unit.ts";

/** Makes a container for a program that a person runs wired as the resource, running or not. */
export async function oneOff(agent: Agent, name: string, request: OneOffRequest): Promise<OneOffDocument> {
  const record = agent.records.latest(name);
  if (!record) throw new Error(`${name} has no generation`);
  if (!agent.containers) throw new CaissonError("E_AGENT_REQUEST", "expected a target of containers, got process");
  const lacking = agent.containers.unavailable(record.launch);
  if (lacking !== undefined) throw new CaissonError("E_IMAGE", lacking);
  await agent.files.deliver(record);
  await agent.containers.prepare(record);
  const spec = runSpec(agent, { resource: name, replica: 0, generation: record.generation });
  const { program, args, terminal } = request;
  const container =
    program === "own"
      ? await agent.containers.oneOff({ ...spec, argv: [...spec.argv, ...args] }, { terminal })
      : await agent.containers.oneOff(spec, { program: args, terminal });
  return { container };
}
