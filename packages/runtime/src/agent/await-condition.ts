import { CaissonError, type Condition } from "@caisson/core/run";
import type { Agent } from "./agent.ts";

/**
 * Waits until a resource is as wanted. Throws E_RESOURCE_FAILED when it cannot get there by itself: a job that failed, a
 * crash loop, a new generation that was taken back, a stop by hand. A service that is merely slow is waited for; the
 * caller's `signal` bounds that.
 */
export async function awaitCondition(
  agent: Agent,
  name: string,
  condition: Condition,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const changes = agent.hub.listen(AbortSignal.any([signal, stop.signal]));
  try {
    if (isReached(agent, name, condition)) return;
    for await (const event of changes) {
      if (event.type !== "resource" && event.type !== "gone") continue;
      if (isReached(agent, name, condition)) return;
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

function isReached({ engine }: Agent, name: string, condition: Condition): boolean {
  const verdict = engine.verdict(name, condition);
  if (verdict.is === "failed") throw failed(name, condition, verdict.reason);
  return verdict.is === "reached";
}

function failed(name: string, condition: string, reason: string): CaissonError {
  return new CaissonError("E_RESOURCE_FAILED", `expected ${name} to be ${condition}: ${reason}`);
}
