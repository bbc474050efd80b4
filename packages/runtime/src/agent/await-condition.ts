import { CaissonError, type Condition } from "@caisson/core/run";
import type { Agent } from "./agent.ts";
import type { ResourceView } from "./protocol.ts";

/**
 * Waits until a resource is as wanted. Throws E_RESOURCE_FAILED when it cannot get there by itself: a job that failed, a
 * crash loop, a new generation that was taken back. A service that is merely slow is waited for; the caller's `signal`
 * bounds that.
 */
export async function awaitCondition(
  agent: Agent,
  name: string,
  condition: Condition,
  signal: AbortSignal,
): Promise<void> {
  const verdict = verdictOf(agent.roster.view(name), condition);
  if (verdict === "reached") return;
  if (verdict !== "waiting") throw failed(name, condition, verdict.reason);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    for await (const event of agent.hub.listen(either)) {
      if (event.type !== "resource" && event.type !== "gone") continue;
      const now = verdictOf(agent.roster.view(name), condition);
      if (now === "reached") return;
      if (now !== "waiting") throw failed(name, condition, now.reason);
    }
  } finally {
    stop.abort();
  }
  throw failed(name, condition, "the wait was interrupted");
}

/** Waits until no unit of a resource is left. */
export async function awaitGone(agent: Agent, name: string, signal: AbortSignal): Promise<void> {
  const gone = (): boolean => agent.engine.units().every((unit) => unit.resource !== name);
  const stop = new AbortController();
  const changes = agent.hub.listen(AbortSignal.any([signal, stop.signal]));
  try {
    if (gone()) return;
    for await (const _ of changes) if (gone()) return;
  } finally {
    stop.abort();
  }
}

type Verdict = "reached" | "waiting" | { readonly reason: string };

function verdictOf(view: ResourceView | undefined, condition: Condition): Verdict {
  if (!view) return { reason: "it is gone" };
  const { state, health, detail, replicas } = view;
  if (state === "Failed" || state === "CrashLoop") return { reason: detail || state };
  switch (condition) {
    case "started":
      return state === "Running" || state === "Completed" ? "reached" : "waiting";
    case "healthy":
      return (health === "Ready" && replicas.ready >= replicas.wanted) || state === "Completed" ? "reached" : "waiting";
    case "completed":
      return state === "Completed" ? "reached" : "waiting";
  }
}

function failed(name: string, condition: string, reason: string): CaissonError {
  return new CaissonError("E_RESOURCE_FAILED", `expected ${name} to be ${condition}: ${reason}`);
}
