import { CaissonError, type UnitId } from "@caisson/core/run";
import type { RunRecord, RunSpec } from "../drivers/driver.ts";
import { unitKey } from "../engine/unit-key.ts";
import type { Agent } from "./agent.ts";
import { baseEnvironment } from "./base-environment.ts";

/** Starts one replica: its own ports, its files on disk, its argv and environment evaluated, then one call of the driver. */
export async function startUnit(agent: Agent, id: UnitId): Promise<RunRecord> {
  const record = agent.records.generation(id.resource, id.generation);
  if (!record) throw new CaissonError("E_RESOURCE_UNKNOWN", `${unitKey(id)} is not in the state`);
  await agent.files.deliver(record);
  if (agent.containers) await agent.containers.prepare(record);
  else {
    agent.folders.makeRuntime(id.resource, record.launch.user);
    await agent.addresses.open(id, record.resource);
  }
  agent.logs.open(id.resource, id.replica);
  return agent.driver.spawn(id, runSpec(agent, id));
}

/** How a replica is run, all of it evaluated; holds paths of secret files, never a secret. */
export function runSpec(agent: Agent, id: UnitId): RunSpec {
  const record = agent.records.generation(id.resource, id.generation);
  if (!record) throw new CaissonError("E_RESOURCE_UNKNOWN", `${unitKey(id)} is not in the state`);
  const { launch, resource, binding } = record;
  const run = agent.nextRun();
  const text = (expression: Parameters<Agent["evaluate"]>[0]): string => agent.evaluate(expression, id, record);
  const hostPort = (port: string): number => agent.addresses.port(id.resource, port);
  return {
    argv: launch.argv.map(text),
    env: {
      ...(!agent.containers && baseEnvironment(agent.facts)),
      ...(!agent.containers && resource.program && { NODE_COMPILE_CACHE: agent.compileCache }),
      CAISSON_REPLICA: String(id.replica),
      ...(binding?.libraryPath && { LD_LIBRARY_PATH: binding.libraryPath }),
      ...Object.fromEntries(Object.entries(launch.env).map(([name, value]) => [name, text(value)])),
    },
    cwd: text(launch.cwd),
    ...(launch.user === "service" && agent.serviceUser && { user: agent.serviceUser }),
    runFolder: agent.folders.run(id, run),
    logFile: agent.folders.log(id.resource, id.replica),
    marker: `${agent.instance}/${unitKey(id)}/${run}`,
    limits: resource.resources.limits,
    ...(agent.containers && { container: agent.containers.containerOf(record, id, hostPort) }),
  };
}
