import { setTimeout as delay } from "node:timers/promises";
import { CaissonError, isCaissonError } from "@caisson/core/errors";
import type { AgentInfo } from "../agent/protocol.ts";

const patienceMs = 10_000;

/** Waits until an agent that said it would end has ended: its lock is free then. Throws E_AGENT_LOST after 10 s. */
export async function untilGone(agent: { info(): Promise<AgentInfo> }, who: string): Promise<void> {
  for (const start = performance.now(); performance.now() - start < patienceMs;) {
    try {
      await agent.info();
    } catch (error) {
      if (isCaissonError(error) && error.code === "E_NOT_RUNNING") return;
      // A connection that broke is one it cut as it ended; the next one is refused.
    }
    await delay(10);
  }
  throw new CaissonError("E_AGENT_LOST", `${who} did not end within ${patienceMs / 1000} s`);
}
