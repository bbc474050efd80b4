import { CaissonError, dataId, type Operation } from "@caisson/core/run";
import type { Agent } from "./agent.ts";
import { awaitCondition, awaitGone } from "./await-condition.ts";
import type { GenerationRecord } from "./records.ts";
import { unitSpec } from "./unit-spec.ts";
import type { Prepared } from "../planning/prepared.ts";

/** Does one operation of a plan. Each is one external call; what to call was decided by the plan. */
export async function perform(
  agent: Agent,
  prepared: Prepared,
  operation: Operation,
  signal: AbortSignal,
): Promise<void> {
  const { action } = operation;
  switch (action.type) {
    case "create-volume":
      return agent.volumes.create(nextOf(prepared, action.resource), action.volume);
    case "rename-volumes":
      return agent.volumes.rename(action.from, action.to);
    case "deliver-files":
      return agent.files.deliver({ ...nextOf(prepared, action.resource), generation: action.generation });
    case "set-desired": {
      const record = nextOf(prepared, action.resource);
      const next = { ...record, generation: action.generation };
      agent.addresses.commit(record.resource);
      agent.records.setGeneration(next, action.replicas, volumesOf(agent, record));
      agent.engine.dispatch({
        type: "desire",
        spec: unitSpec({ ...record, generation: action.generation }, action.replicas, agent.driver.capabilities),
      });
      return;
    }
    case "await":
      return awaitCondition(agent, action.resource, action.condition, signal);
    case "remove": {
      const gone = agent.records.latest(action.resource)?.resource;
      agent.engine.dispatch({ type: "remove", resource: action.resource });
      await awaitGone(agent, action.resource, signal);
      agent.records.forget(action.resource);
      if (gone) agent.addresses.forget(gone);
      agent.folders.forget(action.resource);
      return agent.hub.tell({ type: "gone", name: action.resource });
    }
  }
}

function nextOf(prepared: Prepared, name: string): NonNullable<ReturnType<Prepared["next"]["get"]>> {
  const record = prepared.next.get(name);
  if (!record) throw new CaissonError("E_RESOURCE_UNKNOWN", `the plan names ${name}, which is not in the stack`);
  return record;
}

/** Ids of the data a resource is about to run against: a job runs again when one of them is new. */
function volumesOf(agent: Agent, { needs }: GenerationRecord): Record<string, string> {
  const found = Map.groupBy(agent.volumes.observe(), (volume) => volume.resource);
  return Object.fromEntries(
    needs.flatMap(({ resource }) => {
      const id = dataId(found.get(resource) ?? []);
      return id === undefined ? [] : [[resource, id]];
    }),
  );
}
