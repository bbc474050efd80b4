import { CaissonError } from "@caisson/core/run";
import { oneReplica } from "../planning/one-replica.ts";
import type { Agent } from "./agent.ts";
import { unitSpec } from "./unit-spec.ts";

/** What people ask of one resource. `start` also starts what gave up; `stop` keeps it stopped until started again. */
export function act(agent: Agent, name: string, action: "start" | "stop" | "restart"): void {
  agent.records.setStatus(name, { stopped: action === "stop" });
  // A schedule starts with its slots; only `restart` runs it at once.
  if (agent.records.latest(name)?.resource.kind === "schedule") {
    if (action === "restart") return runSchedule(agent, name);
    agent.schedules.sync();
    if (action === "start") return;
  }
  if (action === "restart" && rollOver(agent, name)) return;
  agent.engine.dispatch({ type: action, resource: name });
}

/**
 * A restart of what serves, where two may share the port, is a rollout of the same definition: one replica after the
 * other is started beside its predecessor, and takes over when it is ready. False where that cannot be: nothing serves, or only one
 * process may listen.
 */
function rollOver(agent: Agent, name: string): boolean {
  // What is being replaced at this moment is being restarted.
  if (agent.engine.rollout(name) === "going") return true;
  const serving = agent.engine.generation(name);
  const record = serving === undefined ? undefined : agent.records.generation(name, serving);
  if (!record || !agent.engine.serves(name)) return false;
  const { capabilities } = agent.driver;
  const status = agent.records.status(name);
  const next = { ...record, generation: status.generation + 1 };
  const spec = unitSpec(next, status.replicas, capabilities);
  if (spec.replace !== "start-first") return false;
  agent.records.setGeneration(next, status.replicas, status.ranAgainst);
  agent.engine.dispatch({ type: "desire", spec });
  return true;
}

/** Changes numbers of replicas, all or, where one cannot be, none; what runs otherwise goes on. Throws E_REPLICAS. */
export function scale(agent: Agent, wanted: Readonly<Record<string, number>>): void {
  const changes = Object.entries(wanted).map(([name, replicas]) => scaling(agent, name, replicas));
  for (const change of changes) change();
}

/** One change, looked at and ready to be made. */
function scaling(agent: Agent, name: string, replicas: number): () => void {
  // What serves is scaled: a generation that did not start is not tried again by the way.
  const wanted = agent.engine.generation(name);
  const record = (wanted !== undefined && agent.records.generation(name, wanted)) || agent.records.latest(name);
  if (!record) throw new CaissonError("E_RESOURCE_UNKNOWN", `expected a resource of the stack, got ${name}`);
  const { capabilities } = agent.driver;
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > 1000)
    throw new CaissonError("E_REPLICAS", `${name}: expected 0 to 1000 replicas, got ${replicas}`);
  if (record.resource.kind !== "service")
    throw new CaissonError("E_REPLICAS", `${name} is a ${record.resource.kind}; only a service has replicas`);
  const resources = agent.records.names().flatMap((each) => agent.records.latest(each)?.resource ?? []);
  const one = replicas > 1 ? oneReplica(name, record.launch, resources, capabilities.sharedPorts) : undefined;
  if (one !== undefined)
    throw new CaissonError("E_REPLICAS", `${name}: expected at most 1 replica, got ${replicas}: ${one}`);
  return () => {
    agent.records.setStatus(name, { replicas, stopped: false });
    agent.engine.dispatch({ type: "desire", spec: unitSpec(record, replicas, capabilities) });
  };
}

/** One run of a schedule's program, at its newest generation. */
export function runSchedule(agent: Agent, name: string): void {
  const record = agent.records.latest(name);
  if (!record) return;
  const known = agent.engine.units().some((unit) => unit.resource === name && unit.generation === record.generation);
  if (known) agent.engine.dispatch({ type: "restart", resource: name });
  else agent.engine.dispatch({ type: "desire", spec: unitSpec(record, 1, agent.driver.capabilities) });
}
