import type { AgentEvent, DownRequest } from "./protocol.ts";
import type { Agent } from "./agent.ts";

/**
 * Ends everything, dependants before what they need, then the agent itself. `force` kills at once; a second `down` may
 * come while the first one runs and hastens it. With `volumes`, data, logs and binaries go too, after everything has ended.
 */
export async function* down(agent: Agent, request: DownRequest): AsyncGenerator<AgentEvent> {
  // To the end of the agent.
  agent.work.begin();
  agent.lease.giveUp();
  agent.recordDown();
  const stop = new AbortController();
  const changes = agent.hub.listen(stop.signal);
  agent.engine.dispatch({ type: "down", force: request.force });
  try {
    if (!agent.roster.idle()) {
      for await (const event of changes) {
        yield event;
        if (agent.roster.idle()) break;
      }
    }
  } finally {
    stop.abort();
  }
  await agent.containers?.remove();
  if (request.volumes)
    for (const resource of await removeVolumes(agent))
      yield { type: "note", message: `removed the data of ${resource}` };
  yield { type: "result", ok: true, changed: agent.records.names(), failed: [] };
  // The answer comes to its end first; so does every other stream.
  setImmediate(() => agent.close(request.volumes ? "removed" : "down"));
}

async function removeVolumes(agent: Agent): Promise<readonly string[]> {
  const owners = [...new Set(agent.volumes.observe().map((volume) => volume.resource))];
  for (const owner of owners) await agent.volumes.remove(owner);
  return owners;
}
