import type { Agent } from "./agent.ts";
import type { DiffDocument, Difference } from "./protocol.ts";
import { runSpec } from "./start-unit.ts";

/** Where what runs is not as it was started: by hand, that is, for everything that goes through here is in the records. */
export async function diff(agent: Agent): Promise<DiffDocument> {
  const differences: Difference[] = [];
  let runs = 0;
  for (const unit of agent.engine.units()) {
    const record = agent.records.generation(unit.resource, unit.generation);
    const run = agent.engine.runOf(unit);
    if (!record || !run) continue;
    runs += 1;
    const at = { resource: unit.resource, replica: unit.replica };
    const found = [
      ...agent.files.changed(record),
      ...((await agent.containers?.drift(run, runSpec(agent, unit))) ?? []),
    ];
    differences.push(...found.map((each) => ({ ...at, ...each })));
  }
  return { runs, differences };
}
