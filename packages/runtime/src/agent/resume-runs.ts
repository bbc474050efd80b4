import type { Agent } from "./agent.ts";
import { withHostPorts } from "./host-ports.ts";

/**
 * Starts what ran when the agent before this one, or the host, went away, each once what it needs is ready. What was stopped
 * by hand stays so, and so does what failed for good. What runs keeps its ports; the others get theirs back where nobody has them
 * by now. Returns a sentence for each port that moved.
 */
export async function resumeRuns(agent: Agent): Promise<readonly string[]> {
  const { records, engine, addresses } = agent;
  const names = records.names().filter((name) => isOff(agent, name));
  const resources = names.flatMap((name) => {
    const serving = engine.generation(name);
    const record = (serving === undefined ? undefined : records.generation(name, serving)) ?? records.latest(name);
    if (!record) return [];
    const resource = agent.containers ? withHostPorts(record.resource, record.launch) : record.resource;
    // Where it was, others that run still look for it.
    const ports = resource.ports.map((port) => ({
      ...port,
      number: addresses.port(name, port.name) || port.number,
    }));
    return [{ ...resource, ports }];
  });
  const moved = await addresses.allocate(resources, () => false, { dryRun: false });
  for (const resource of names) engine.dispatch({ type: "start", resource });
  return moved;
}

/** A command runs when people ask for it, a schedule at its slots. */
function isOff({ records, engine }: Agent, name: string): boolean {
  const kind = records.latest(name)?.resource.kind;
  if (kind !== "service" && kind !== "component" && kind !== "job") return false;
  const units = engine.units().filter((unit) => unit.resource === name);
  const live = units.some(({ state }) => state === "Running" || state === "Completed");
  const failed = units.length > 0 && units.every(({ state }) => state === "Failed");
  return !records.status(name).stopped && !live && !failed;
}
