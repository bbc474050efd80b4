import { actionWords, CaissonError } from "@caisson/core/run";
import { execute, subjectOf, type OperationResult } from "../engine/executor.ts";
import type { Agent } from "./agent.ts";
import { createHub } from "./hub.ts";
import { perform } from "./perform.ts";
import type { Prepared } from "../planning/prepared.ts";
import type { AgentEvent, PlanDocument, UpRequest, UpResult } from "./protocol.ts";

/** What `up` would do, and nothing done. */
export async function planDocument(agent: Agent, request: UpRequest): Promise<PlanDocument> {
  const { plan, text, notes, stack } = await agent.planner.prepare(request);
  return { plan, text, notes, skipped: stack.skipped };
}

/**
 * Plans, then walks the plan. Every change of a resource is told as it comes; the last line says what changed and what
 * did not reach its condition. A client that goes away stops only the telling: what was begun goes on.
 */
export async function* up(agent: Agent, request: UpRequest, gone: AbortSignal): AsyncGenerator<AgentEvent> {
  const planned = agent.work.begin();
  try {
    yield* walk(agent, request, gone);
  } finally {
    planned();
  }
}

async function* walk(agent: Agent, request: UpRequest, gone: AbortSignal): AsyncGenerator<AgentEvent> {
  await agent.renewals.look();
  const prepared = yield* prepare(agent, request, gone);
  const { plan, stack } = prepared;
  yield { type: "plan", text: prepared.text, notes: prepared.notes };
  const [question] = plan.confirmations;
  if (question && !request.yes)
    throw new CaissonError(
      "E_CONFIRM",
      plan.confirmations.map((each) => `${each.resource}: ${each.message}`).join("\n"),
    );
  agent.recordUp();
  agent.roster.setSkipped(stack.skipped);
  // Commands are run by people, not by the plan; they are known from here on, with their references as they are now.
  for (const record of prepared.next.values()) {
    if (record.resource.kind === "command") agent.records.setGeneration({ ...record, generation: 1 }, 0);
  }

  const walked = agent.work.begin();
  const done = new AbortController();
  const changes = agent.hub.listen(AbortSignal.any([gone, done.signal]));
  const results = execute(
    plan,
    (operation, signal) => perform(agent, prepared, operation, signal),
    (result) => agent.hub.tell(told(result)),
    new AbortController().signal,
  );
  void results.finally(() => {
    walked();
    done.abort();
    agent.schedules.sync();
    agent.memory.soon();
  });
  for (const resource of agent.roster.views()) yield { type: "resource", resource };
  for await (const event of changes) yield event;
  const result = summary(await results);
  yield { type: "resources", resources: agent.roster.views(), skipped: stack.skipped };
  yield result;
}

/**
 * Plans, and tells meanwhile what is waited for. Nothing is begun before there is a plan: a client that goes away ends it.
 */
async function* prepare(agent: Agent, request: UpRequest, gone: AbortSignal): AsyncGenerator<AgentEvent, Prepared> {
  const own = createHub();
  const done = new AbortController();
  const notes = own.listen(done.signal);
  const tell = (message: string): void => own.tell({ type: "note", message });
  const prepared = agent.planner.prepare(request, { tell, signal: gone });
  const end = (): void => done.abort();
  prepared.then(end, end);
  try {
    yield* notes;
  } finally {
    // Also of a client that went away at a note: planning takes ports and makes secrets.
    await Promise.allSettled([prepared]);
  }
  return await prepared;
}

function told({ operation, status, reason }: OperationResult): AgentEvent {
  return {
    type: "operation",
    id: operation.id,
    text: actionWords(operation.action),
    status,
    ...(reason !== undefined && { reason }),
  };
}

function summary(results: readonly OperationResult[]): UpResult {
  const failed = results.filter((result) => result.status !== "done");
  // A resource has several operations; what keeps the first from being done keeps the others too.
  const first = new Map<string, string>();
  for (const { operation, reason, status } of failed) {
    const resource = subjectOf(operation.action);
    if (!first.has(resource)) first.set(resource, reason ?? status);
  }
  const changed = results.filter(
    (result) => result.operation.action.type === "set-desired" && result.status === "done",
  );
  return {
    type: "result",
    ok: failed.length === 0,
    changed: changed.map((result) => subjectOf(result.operation.action)),
    failed: [...first].map(([resource, reason]) => ({ resource, reason })),
  };
}
